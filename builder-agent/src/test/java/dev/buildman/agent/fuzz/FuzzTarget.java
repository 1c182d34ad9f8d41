package dev.buildman.agent.fuzz;

import dev.buildman.agent.compression.CompressionFuzz;
import dev.buildman.agent.dockerfile.DockerfileFuzz;
import dev.buildman.agent.dockerfile.IgnoreFileFuzz;
import dev.buildman.agent.logship.SecretMaskFuzz;
import dev.buildman.agent.source.ArchiveFuzz;
import dev.buildman.agent.source.GitUrlFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What is fuzzed. The corpus of each lies in the resources, in a folder of its name. */
enum FuzzTarget {
  DOCKERFILE(DockerfileFuzz.class),
  IGNORE_FILE(IgnoreFileFuzz.class),
  ARCHIVE(ArchiveFuzz.class),
  COMPRESSION(CompressionFuzz.class),
  GIT_URL(GitUrlFuzz.class),
  SECRET_MASK(SecretMaskFuzz.class);

  private final Class<?> type;

  FuzzTarget(Class<?> type) {
    this.type = type;
  }

  /** The class that the fuzzer starts. */
  String className() {
    return type.getName();
  }

  /** Runs it once, without the fuzzer. */
  void run(byte[] input) {
    switch (this) {
      case DOCKERFILE -> DockerfileFuzz.fuzzerTestOneInput(input);
      case IGNORE_FILE -> IgnoreFileFuzz.fuzzerTestOneInput(input);
      case ARCHIVE -> ArchiveFuzz.fuzzerTestOneInput(input);
      case COMPRESSION -> CompressionFuzz.fuzzerTestOneInput(input);
      case GIT_URL -> GitUrlFuzz.fuzzerTestOneInput(input);
      case SECRET_MASK -> SecretMaskFuzz.fuzzerTestOneInput(input);
    }
  }

  /** The kept inputs' folder, in the working tree. */
  Path corpus() {
    return Path.of("src/test/resources/fuzz", type.getSimpleName()).toAbsolutePath();
  }

  /** The kept inputs. */
  List<Path> inputs() throws IOException {
    try (Stream<Path> files = Files.list(corpus())) {
      return files.sorted().toList();
    }
  }
}

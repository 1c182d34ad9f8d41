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
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What is fuzzed. The corpus of each lies in the resources, in a folder of its name. */
enum FuzzTarget {
  DOCKERFILE(DockerfileFuzz.class, DockerfileFuzz::fuzzerTestOneInput),
  IGNORE_FILE(IgnoreFileFuzz.class, IgnoreFileFuzz::fuzzerTestOneInput),
  ARCHIVE(ArchiveFuzz.class, ArchiveFuzz::fuzzerTestOneInput),
  COMPRESSION(CompressionFuzz.class, CompressionFuzz::fuzzerTestOneInput),
  GIT_URL(GitUrlFuzz.class, GitUrlFuzz::fuzzerTestOneInput),
  SECRET_MASK(SecretMaskFuzz.class, SecretMaskFuzz::fuzzerTestOneInput);

  private final Class<?> type;
  private final Consumer<byte[]> one;

  FuzzTarget(Class<?> type, Consumer<byte[]> one) {
    this.type = type;
    this.one = one;
  }

  /** The class that the fuzzer starts. */
  String className() {
    return type.getName();
  }

  /** Runs it once, without the fuzzer. */
  void run(byte[] input) {
    one.accept(input);
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

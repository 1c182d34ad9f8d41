package dev.buildman.agent.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The fuzzer, in a process of its own: it rewrites classes and may run out of memory. */
final class Jazzer {
  private static final String MAIN = "com.code_intelligence.jazzer.Jazzer";

  private final FuzzTarget target;
  private final Path found;
  private final Path output;
  private final Path findings;

  /**
   * How it ended.
   *
   * @param finding an input that does harm; null: none was found
   */
  record Result(int status, @Nullable Path finding, String output) {}

  /**
   * @param dir for what it needs while it runs
   */
  Jazzer(FuzzTarget target, Path dir) {
    this.target = target;
    this.found = dir.resolve("found");
    this.output = dir.resolve("output");
    this.findings = Path.of("target/fuzz", target.name()).toAbsolutePath();
  }

  /** Looks for that long. Findings stay in {@code target/fuzz}. */
  Result run(Duration time) throws IOException, InterruptedException {
    Files.createDirectories(findings);
    Files.createDirectories(found);
    List<Path> before = files();
    int status =
        start(
            List.of(
                "-max_total_time=" + time.toSeconds(),
                "-max_len=8192",
                "-timeout=30",
                "-rss_limit_mb=3000",
                "-artifact_prefix=" + findings + "/",
                "--reproducer_path=" + findings,
                found.toString(),
                target.corpus().toString()));
    List<Path> after = new ArrayList<>(files());
    after.removeAll(before);
    Path finding =
        after.stream().filter(file -> !file.toString().endsWith(".java")).findFirst().orElse(null);
    return new Result(status, finding, tail());
  }

  /** Adds the smallest inputs of the last run that lead to new places to the kept ones. */
  void keep() throws IOException, InterruptedException {
    start(List.of("-merge=1", target.corpus().toString(), found.toString()));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(findings)) {
      return files.toList();
    }
  }

  private int start(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx700m",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                MAIN,
                "--target_class=" + target.className(),
                "--instrumentation_includes=dev.buildman.agent.**:io.airlift.compress.**",
                "--custom_hook_includes=dev.buildman.agent.**"));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      return process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }

  private String tail() throws IOException {
    String whole = Files.readString(output, StandardCharsets.ISO_8859_1);
    return whole.substring(Math.max(0, whole.length() - 6000));
  }
}

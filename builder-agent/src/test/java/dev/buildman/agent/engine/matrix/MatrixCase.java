package dev.buildman.agent.engine.matrix;

import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.RunInputs;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One Dockerfile and what every engine has to make of it. {@code %s} in the Dockerfile is the base
 * image with a shell.
 *
 * @param name of the case
 * @param runs whether it has RUN
 * @param dockerfile of the build
 * @param target stage; empty: the last
 * @param args build arguments
 * @param expected lines {@code path type mode owner content}, sorted, of all that is over the base;
 *     {@code key=value} lines of the configuration; {@code fails: text} and {@code log: text}
 */
record MatrixCase(
    String name,
    boolean runs,
    String dockerfile,
    String target,
    Map<String, String> args,
    List<String> expected) {

  /** What no image, log or command line may show. */
  static final String SECRET = "canary-7f3a-secret";

  static MatrixCase of(String name, String dockerfile, String... expected) {
    return new MatrixCase(
        name, dockerfile.contains("RUN "), dockerfile, "", Map.of(), List.of(expected));
  }

  MatrixCase with(String stage, Map<String, String> arguments) {
    return new MatrixCase(name, runs, dockerfile, stage, arguments, expected);
  }

  BuildOptions options() {
    Map<String, byte[]> secrets =
        dockerfile.contains("type=secret")
            ? Map.of("token", SECRET.getBytes(StandardCharsets.UTF_8))
            : Map.of();
    return new BuildOptions(
        args,
        Map.of(),
        target.isEmpty() ? null : target,
        false,
        null,
        List.of(),
        new RunInputs(secrets, Map.of(), 0, 0),
        CacheRefs.NONE);
  }

  @Override
  public String toString() {
    return name;
  }
}

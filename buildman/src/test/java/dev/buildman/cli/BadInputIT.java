package dev.buildman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.cli.CliRun.Ran;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input on the command line: status 2, one readable line that says what was typed and what is
 * wrong with it, nothing on standard output, and no build.
 */
@RedisTest
class BadInputIT {
  private static final String GIT = "https://git.example/app.git";

  @TempDir private Path folder;
  private TestOrchestrator all;
  private TestClients clients;

  @BeforeEach
  void start(TestRedis redis) {
    all = new TestOrchestrator(redis);
    clients = new TestClients(all, folder);
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        bad("--tag: repository", "-t", "acme/App", GIT),
        bad("--tag: a tag", "-t", "acme/app:a b", GIT),
        bad("--tag", GIT),
        bad("'https://git.example/b.git'", "-t", "acme/app", GIT, "https://git.example/b.git"),
        bad("'-'", "-t", "acme/app", ".", "-"),
        bad("no folder here", "-t", "acme/app", "no-such-folder"),
        bad("no folder here", "-t", "acme/app", "ext::id"),
        bad("no folder here", "-t", "acme/app", "file:///etc"),
        bad("'ext::' transport is refused", "-t", "acme/app", "git+ext::id"),
        bad("'file:' is refused", "-t", "acme/app", "git+file:///etc"),
        bad("cannot begin with '-'", "-t", "acme/app", "git+-uorigin"),
        bad("--uorigin", "-t", "acme/app", "--uorigin"),
        bad("--file", "-t", "acme/app", "-f", "../../etc/passwd", GIT),
        bad("'..'", "-t", "acme/app", GIT + "#main:../up"),
        bad("--digest is for URLs only", "-t", "acme/app", "--digest", "sha256:00", GIT));
  }

  private static Arguments bad(String words, String... arguments) {
    return Arguments.of(words, List.of(arguments));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void badInput(String words, List<String> arguments) {
    List<String> command = Stream.concat(Stream.of("build", "-d"), arguments.stream()).toList();

    Ran ran = new CliRun().server(clients.address()).run(command.toArray(String[]::new));

    assertThat(ran.status()).as(ran.err()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains(words).doesNotContain("Exception", "\tat ");
    assertThat(ran.err().lines().findFirst().orElse("")).startsWith("buildman: ");
    assertThat(ran.out()).isEmpty();
    assertThat(all.status.read().queue().depth()).isZero();
  }
}

package dev.buildman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.cli.CliRun.Ran;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {

  @Test
  void aloneItShowsItsHelpAndSaysThatThisIsNoCommand() {
    Ran ran = new CliRun().run();
    assertThat(ran.status()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("Commands:", "build", "Examples:", "Exit status:");
    assertThat(ran.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"build", "ps", "show", "logs", "cancel", "retry", "status"})
  void everyCommandTeachesByExamples(String command) {
    Ran ran = new CliRun().run(command, "--help");
    assertThat(ran.status()).isEqualTo(ExitCode.OK);
    assertThat(ran.out()).contains("Usage: buildman " + command, "Examples:", "--server", "--json");
    assertThat(ran.out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(110));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nonsense | Unmatched argument",
        "ps --nonsense | Unknown option: '--nonsense'",
        "ps --limit x | Invalid value for option '--limit'",
        "ps --limit 0 | --limit must be 1 or more",
        "ps --phase nonsense | 'nonsense' is no phase: waiting",
        "ps --server ftp://x | --server: 'ftp://x' is no server",
        "show | Missing required parameter: 'ID'",
        "show abc | 'abc' is too short",
        "build . | Missing required option: '--tag=IMAGE'",
        "build -t app . | has no namespace",
        "build -t a/b -t a/c . | two",
        "build -t a/b /nonsense | is no folder here, no URL and no git reference",
        "build -t a/b /etc/hostname | is a file",
        "build -t a/b . | there is no 'Dockerfile' in .",
        "build -t a/b -f ../pom.xml . | '../pom.xml' is not in the folder .",
        "build -t a/b --timeout soon https://x/y | --timeout: 'soon' is no time",
        "build -t a/b --label x https://x/y | --label: 'x' is not NAME=VALUE",
        "build -t a/b -q -d https://x/y | --quiet does not go with --detach",
        "build -t a/b --push-user me https://x/y | belong together",
        "build -t a/b --git-key /etc/hostname https://x/y | for git references only",
        "build -t a/b --docker-config /nonsense https://x/y | cannot read /nonsense",
        "logs --from -1 abcd | --from must be 0 or more"
      })
  void aWrongCommandIsOneReadableLineAndStatusTwo(String arguments, String text) {
    Ran ran = new CliRun().server("127.0.0.1:1").run(arguments.split(" ", -1));
    assertThat(ran.status()).as(ran.err()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).startsWith("buildman: ").contains(text);
    assertThat(ran.err().lines().count()).isLessThanOrEqualTo(3);
    assertThat(ran.err()).doesNotContain("Exception", "\tat ");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void aManagerThatIsNotThereIsStatusFourWithWhatToDo() {
    Ran ran = new CliRun().server("127.0.0.1:1").run("ps");
    assertThat(ran.status()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.err())
        .isEqualTo(
            "buildman: cannot reach a manager at 127.0.0.1:1: Connection refused; start one with"
                + " 'buildman standalone', or name it with --server or BUILDMAN_SERVER\n");
  }

  @Test
  void scriptsGetTheFailureAsJson() {
    Ran ran = new CliRun().server("127.0.0.1:1").run("status", "--json");
    assertThat(ran.status()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.out())
        .isEqualTo(
            "{\"type\":\"error\",\"reason\":\"UNAVAILABLE\",\"message\":\"cannot reach a manager at"
                + " 127.0.0.1:1: Connection refused\",\"fields\":[]}\n");
    assertThat(ran.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "acme/app, '', acme/app, ''",
    "acme/app:v1, '', acme/app, v1",
    "localhost/acme/app, localhost, acme/app, ''",
    "host:5000/acme/app:v1, host:5000, acme/app, v1",
    "quay.io/acme/sub/app, quay.io, acme/sub/app, ''"
  })
  void imagesAreNamedAsEverywhere(String option, String registry, String repository, String tag) {
    List<String> tags = tag.isEmpty() ? List.of() : List.of(tag);
    assertThat(ImageName.parse(List.of(option)))
        .isEqualTo(new ImageName(registry, repository, tags));
  }

  @Test
  void severalTagsOfOneImageMayBeGiven() {
    assertThat(ImageName.parse(List.of("a/b", "a/b:v1", "a/b:v2")).tags())
        .containsExactly("latest", "v1", "v2");
  }

  @Test
  void aSourceIsTakenForWhatItLooksLike() {
    assertThat(BuildSource.parse("-")).isEqualTo(new BuildSource.Stdin());
    assertThat(BuildSource.parse("https://h/a.tgz"))
        .isEqualTo(new BuildSource.Url("https://h/a.tgz"));
    assertThat(BuildSource.parse("data:,FROM")).isEqualTo(new BuildSource.Url("data:,FROM"));
    assertThat(BuildSource.parse("https://h/a.git#main:sub"))
        .isEqualTo(new BuildSource.Git("https://h/a.git", "main", "sub"));
    assertThat(BuildSource.parse("git@h:a/b#v1"))
        .isEqualTo(new BuildSource.Git("git@h:a/b", "v1", ""));
    assertThat(BuildSource.parse("git+https://h/a"))
        .isEqualTo(new BuildSource.Git("https://h/a", "", ""));
    assertThat(BuildSource.parse("ssh://git@h/a"))
        .isEqualTo(new BuildSource.Git("ssh://git@h/a", "", ""));
    assertThat(BuildSource.parse("docker://quay.example/a/b:1"))
        .isEqualTo(new BuildSource.Image("quay.example/a/b:1"));
    assertThat(BuildSource.parse(".")).isInstanceOf(BuildSource.Folder.class);
  }
}

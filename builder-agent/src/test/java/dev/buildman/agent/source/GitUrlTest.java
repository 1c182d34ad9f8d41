package dev.buildman.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.proto.agent.FailureCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitUrlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-oProxyCommand=id",
        "--upload-pack=id",
        "ext::sh -c id",
        "ext::sh",
        "file:///etc",
        "/etc/passwd",
        "../other",
        "git://host/repo",
        "ftp://host/repo",
        "ssh://-oProxyCommand=id/repo",
        "ssh://-l@host/repo",
        "-l@host:repo",
        "git@-host:repo",
        "git@host:-repo",
        "git@host::repo",
        "git@host:re po\n",
        "https://",
        "https:///repo",
        "https://host",
        "https://ho st/repo",
        "",
      })
  void whatGitCouldMisreadIsRefused(String url) {
    assertThatThrownBy(() -> GitUrl.parse(url))
        .isInstanceOfSatisfying(
            SourceFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.GIT_FAILURE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://host/repo.git",
        "http://127.0.0.1:8080/a/b",
        "ssh://git@host:2222/a/b.git",
        "git@host.example:a/b.git",
      })
  void webAndSshAddressesAreTakenAsTheyAre(String url) throws Exception {
    assertThat(GitUrl.parse(url).address()).isEqualTo(url);
  }

  /** Command lines can be seen by everybody on the machine. */
  @Test
  void aPasswordIsTakenOutOfTheAddressAndOutOfMessages() throws Exception {
    GitUrl url = GitUrl.parse("https://bot:s%40cret+1@host:8443/repo.git");

    assertThat(url.address()).isEqualTo("https://host:8443/repo.git");
    assertThat(url.user()).isEqualTo("bot");
    assertThat(url.password()).isEqualTo("s@cret+1");
    assertThat(GitUrl.parse("ssh://git:pass@host/repo").address()).isEqualTo("ssh://git@host/repo");
    assertThatThrownBy(() -> GitUrl.parse("git://bot:secret@host/repo?token=secret"))
        .message()
        .doesNotContain("secret");
  }
}

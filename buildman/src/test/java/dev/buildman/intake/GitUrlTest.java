package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.intake.GitUrl.Parsed;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitUrlTest {

  @ParameterizedTest
  @CsvSource({
    "https://github.com/acme/app.git, false",
    "HTTP://host:8080/a, false",
    "ssh://git@host:2222/a/b.git, true",
    "git@host:acme/app.git, true",
    "git@host:/absolute.git, true",
    "https://[::1]:8443/a, false"
  })
  void takes_urls_of_git_servers(String url, boolean ssh) {
    assertThat(GitUrl.parse(url)).isEqualTo(new Parsed.Good(new GitUrl(ssh, url)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      emptyValue = "",
      nullValues = "NOTHING",
      value = {
        "-uorigin | cannot begin with '-'",
        "--upload-pack=touch${IFS}x | cannot begin with '-'",
        "ext::sh -c id | white space",
        "ext::id | 'ext::' transport is refused",
        "fd::17/foo | 'fd::' transport is refused",
        "ext::ssh://host/x | 'ext::' transport is refused",
        "file:///etc | 'file:' is refused",
        "FILE:/etc | 'file:' is refused",
        "/srv/repo.git | no URL of a git server",
        "../repo.git | no URL of a git server",
        "git://host/a | 'git:' is refused",
        "ftp://host/a | 'ftp:' is refused",
        "https:///a | host is missing",
        "https://host | path is missing",
        "https://host/ | path is missing",
        "ssh://-oProxyCommand=id/x | host is missing",
        "ssh://-l@host/x | user cannot begin",
        "git@-oProxyCommand=id:x | no URL of a git server",
        "-oProxyCommand=id@host:x | cannot begin with '-'",
        "git@host:-x | path cannot begin",
        "ssh://host/-x | path cannot begin",
        "https://host/a?x=1 | query or fragment",
        "https://host/a#main | spec.git.ref",
        "https://me:pw@host/a | spec.git.token",
        "https://token@host/a | spec.git.token",
        "\"\" | needs a URL"
      })
  void refuses_everything_else_with_its_reason(String url, String reason) {
    assertThat(GitUrl.parse(url))
        .isInstanceOfSatisfying(Parsed.Bad.class, bad -> assertThat(bad.text()).contains(reason));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://me:canary@host/a", "https://canary@host/a", "https://ca nary@h/a"})
  void never_repeats_a_password_in_its_refusal(String url) {
    assertThat(GitUrl.parse(url).toString()).doesNotContain("canary").doesNotContain("nary@");
  }
}

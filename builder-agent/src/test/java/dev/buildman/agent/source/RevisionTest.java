package dev.buildman.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.proto.agent.FailureCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevisionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--upload-pack=id",
        "-b",
        "a..b",
        "HEAD^",
        "HEAD~1",
        "a b",
        "a:b",
        "+a",
        "a*",
        "@{-1}",
        "x@{1}",
        "a//b",
        "a/",
        "a.lock",
        "a\nb",
        ":/text",
        "a\\b",
        "a?b",
        "[a"
      })
  void syntaxOfGitsOwnIsNoName(String name) {
    assertThatThrownBy(() -> Revision.checked(name))
        .isInstanceOfSatisfying(
            SourceFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.GIT_CHECKOUT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "main",
        "feature/x-1",
        "v1.2.3",
        "refs/pull/7/head",
        "größe",
        "0a1b2c3",
        "a#1"
      })
  void namesOfBranchesTagsAndCommitsAreTaken(String name) throws Exception {
    assertThat(Revision.checked(name)).isEqualTo(name);
  }
}

package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IgnoreFileTest {

  @ParameterizedTest(name = "{0} on {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "node_modules | node_modules | true",
        "node_modules | node_modules/a/b | true",
        "node_modules | sub/node_modules | false",
        "/a | a | true",
        "./a/ | a/b | true",
        "a/../b | b | true",
        "*.md | README.md | true",
        "*.md | doc/README.md | false",
        "*/*.md | doc/README.md | true",
        "**/*.md | README.md | true",
        "**/*.md | a/b/c.md | true",
        "a/** | a/b/c | true",
        "a/** | a | false",
        "** | anything/at/all | true",
        "**/x | a/b/x/y | true",
        "a/**/z | a/z | true",
        "a/**/z | a/b/c/z | true",
        "tmp? | tmp1 | true",
        "tmp? | tmp | false",
        "[a-c].txt | b.txt | true",
        "[^a-c].txt | b.txt | false",
        "[^a-c].txt | d.txt | true",
        "\\*.x | *.x | true",
        "\\*.x | a.x | false",
        "a.b | aXb | false",
        "*;!keep | keep | false",
        "*;!keep | other | true",
        "*.md;!README*.md;README-secret.md | README-secret.md | true",
        "*.md;!README*.md;README-secret.md | README.md | false",
        "a;!a/b | a/b | false",
        "a;!a/b | a/c | true",
        "# a;b | a | false",
        "# a;b | b | true",
        " b  | b | true",
      })
  void hidesWhatDockerHides(String rules, String path, boolean ignored) throws DockerfileException {
    assertThat(IgnoreFile.parse(rules.replace(';', '\n')).ignores(path)).isEqualTo(ignored);
  }

  @Test
  void doesNotReadAFolderInWhichNothingCanBeSeen() throws DockerfileException {
    assertThat(IgnoreFile.parse("a").prunes("a")).isTrue();
    assertThat(IgnoreFile.parse("a\n!a/b").prunes("a")).isFalse();
    assertThat(IgnoreFile.NONE.prunes("a")).isFalse();
  }

  @Test
  void namesTheLineOfAPatternThatIsWrong() {
    assertThatThrownBy(() -> IgnoreFile.parse("ok\n[a"))
        .isInstanceOf(DockerfileException.class)
        .hasMessageContaining("line 2");
    assertThatThrownBy(() -> IgnoreFile.parse("!")).hasMessageContaining("line 1");
  }

  @Test
  void matchesPatternsOfCopyWithinOneName() throws DockerfileException {
    PathPattern pattern = PathPattern.ofSource("src/*/[a-z]?.go", 1);
    assertThat(pattern.matches("src/x/ab.go")).isTrue();
    assertThat(pattern.matches("src/x/y/ab.go")).isFalse();
    assertThat(pattern.matches("src/x/Ab.go")).isFalse();
    assertThat(PathPattern.isPattern("a*")).isTrue();
    assertThat(PathPattern.isPattern("a/b.c")).isFalse();
  }

  @Test
  void neverLeadsAboveTheRoot() {
    assertThat(PathPattern.clean("../../etc/passwd")).isEqualTo("etc/passwd");
    assertThat(PathPattern.clean("/a/./b//../c/")).isEqualTo("a/c");
    assertThat(PathPattern.clean("/")).isEmpty();
  }
}

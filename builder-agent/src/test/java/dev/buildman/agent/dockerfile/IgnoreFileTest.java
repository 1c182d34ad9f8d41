package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class IgnoreFileTest {

  @ParameterizedTest
  @CsvFileSource(resources = "/dockerignore.csv", delimiter = '|')
  void hidesWhatDockerHides(String rules, String path, String hidden) throws DockerfileException {
    String file = rules.replace(';', '\n');
    if (hidden.equals("error")) {
      assertThatThrownBy(() -> IgnoreFile.parse(file)).isInstanceOf(DockerfileException.class);
    } else {
      assertThat(IgnoreFile.parse(file).ignores(path)).isEqualTo(Boolean.parseBoolean(hidden));
    }
  }

  @Test
  void takesNoLongerForAPatternThatWasMadeToTakeLong() throws DockerfileException {
    IgnoreFile file = IgnoreFile.parse("*a".repeat(100) + "b\n" + "**/a".repeat(100) + "/b");

    assertThat(file.ignores("a".repeat(250) + "/a".repeat(500))).isFalse();
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

package dev.buildman.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerIgnoreTest {

  /** Patterns are joined by spaces; the answers are those of Docker's own matcher. */
  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, a/b/c, true",
    "a, b/a, false",
    "/a, a, true",
    "./a/, a/b, true",
    "x/../a, a, true",
    "*, a, true",
    "*, a/b, true",
    "*.md, README.md, true",
    "*.md, docs/README.md, false",
    "*/*.md, docs/README.md, true",
    "**/*.md, README.md, true",
    "**/*.md, a/b/README.md, true",
    "a/**, a/b/c, true",
    "a/**, a, false",
    "**/x, x, true",
    "**/x, a/b/x/y, true",
    "a?c, abc, true",
    "a?c, a/c, false",
    "[ab]c, bc, true",
    "[^ab]c, bc, false",
    "[^ab]c, cc, true",
    "[a-c]x, bx, true",
    "a.b, axb, false",
    "a+b, a+b, true",
    "(a), (a), true",
    "\\*, *, true",
    "\\*, a, false",
    "# a, a, false",
    "* !keep, keep, false",
    "* !keep, keep/x, false",
    "* !keep keep/no, keep/no, true",
    "!a a, a, true",
    "*.md !README*.md README-secret.md, README.md, false",
    "*.md !README*.md README-secret.md, README-secret.md, true"
  })
  void decidesAsDockerDoes(String patterns, String path, boolean excluded) throws IOException {
    List<String> lines =
        patterns.startsWith("#") ? List.of(patterns) : List.of(patterns.split(" ", -1));
    assertThat(DockerIgnore.parse(lines).excludes(path)).isEqualTo(excluded);
  }
}

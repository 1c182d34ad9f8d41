package dev.buildman.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EveryScriptTest {
  private static List<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/resources/dev/buildman"))) {
      return files.filter(file -> file.toString().endsWith(".lua")).toList();
    }
  }

  /** Lua 5.1 hides a variable of that name in functions with variable arguments. */
  @Test
  void noneHasAVariableCalledArg() throws IOException {
    assertThat(scripts()).isNotEmpty();
    for (Path script : scripts()) {
      assertThat(Files.readString(script))
          .as("%s", script)
          .doesNotContainPattern("\\barg\\b[.\\[]");
    }
  }

  /** R16: these block the server, or read all there is. */
  @Test
  void noneUsesACommandThatReadsTheWholeDatabase() throws IOException {
    for (Path script : scripts()) {
      assertThat(Files.readString(script))
          .as("%s", script)
          .doesNotContain("'KEYS'", "'SCAN'", "'FLUSHDB'", "'FLUSHALL'");
    }
  }
}

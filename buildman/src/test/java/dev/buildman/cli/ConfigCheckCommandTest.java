package dev.buildman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.config.ConfigReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class ConfigCheckCommandTest {

  private final StringWriter out = new StringWriter();

  @Test
  void aGoodFileEndsWithZero() {
    assertThat(run("N: 1", "c.yaml")).isZero();
    assertThat(out.toString()).isEqualToNormalizingNewlines("c.yaml can be used.\n");
  }

  @Test
  void problemsArePrintedOnePerLineAndEndWithTheStatusForConfiguration() {
    assertThat(run("N: x\nM: 1\n", "c.yaml")).isEqualTo(78);
    assertThat(out.toString())
        .isEqualToNormalizingNewlines(
            """
            c.yaml:1:4: N: "x" is not allowed; allowed: a whole number from 0 to 9
            warning: c.yaml:2:1: M: is not read; did you mean N?
            c.yaml has 1 problem (1 warning).
            """);
  }

  @Test
  void scriptsGetOneJsonObject() {
    assertThat(run("N: x", "--json", "c.yaml")).isEqualTo(78);
    assertThat(out.toString())
        .contains("\"ok\" : false", "\"key\" : \"N\"", "\"line\" : 1", "\"column\" : 4");
  }

  private int run(String text, String... arguments) {
    ConfigReader reader = new ConfigReader(Map.of());
    ConfigCheckCommand command =
        new ConfigCheckCommand(
            file ->
                reader.readText(
                    file.toString(), text, Path.of("/"), top -> top.integer("N", 1, 0, 9)));
    return new CommandLine(command).setOut(new PrintWriter(out, true)).execute(arguments);
  }
}

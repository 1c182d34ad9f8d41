package dev.buildman.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class DockerIgnoreTest {

  /** The agent's own table: what one of the two sends, the other must not hide. */
  @ParameterizedTest
  @CsvFileSource(files = "../builder-agent/src/test/resources/dockerignore.csv", delimiter = '|')
  void hidesWhatTheAgentHides(String rules, String path, String hidden) throws IOException {
    List<String> lines = List.of(rules.split(";", -1));
    if (hidden.equals("error")) {
      assertThatThrownBy(() -> DockerIgnore.parse(lines)).isInstanceOf(IOException.class);
    } else {
      assertThat(DockerIgnore.parse(lines).excludes(path)).isEqualTo(Boolean.parseBoolean(hidden));
    }
  }
}

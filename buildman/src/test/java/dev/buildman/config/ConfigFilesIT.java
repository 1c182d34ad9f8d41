package dev.buildman.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFilesIT {

  private static final ConfigReader READER = new ConfigReader(Map.of());

  @TempDir private Path folder;

  @Test
  void aSecretsFileIsReadRelativeToTheConfigurationAndWithoutItsLastNewline() throws IOException {
    Files.writeString(folder.resolve("token"), "s3cret\n");
    Files.writeString(folder.resolve("keys"), "new\n\nold\n");
    Path config = write("OURS: {TOKEN_FILE: token, KEYS_FILE: keys}");
    ConfigResult<List<Secret>> result =
        READER.read(
            config,
            top -> {
              ConfigMap ours = top.section("OURS");
              List<Secret> keys = ours.secrets("KEYS");
              return List.of(ours.secret("TOKEN").orElseThrow(), keys.get(0), keys.get(1));
            });
    assertThat(result.orThrow())
        .containsExactly(Secret.of("s3cret"), Secret.of("new"), Secret.of("old"));
    assertThat(((ConfigResult.Valid<?>) result).files())
        .containsExactlyInAnyOrder(config, folder.resolve("token"), folder.resolve("keys"));
  }

  @Test
  void aSecretGivenTwiceOrFromABadFileIsAProblem() throws IOException {
    Files.writeString(folder.resolve("token"), "s3cret");
    Files.writeString(folder.resolve("empty"), "\n");
    Path config =
        write("OURS: {A: x, A_FILE: token, B_FILE: nowhere, C_FILE: empty, D_FILE: ., CA: none}");
    ConfigResult<String> result =
        READER.read(
            config,
            top -> {
              for (String key : List.of("A", "B", "C", "D")) {
                top.section("OURS").secret(key);
              }
              return top.section("OURS").file("CA").toString();
            });
    assertThat(((ConfigResult.Invalid<String>) result).problems())
        .extracting(Problem::message)
        .containsExactly(
            "the secret is given twice: keep either A or A_FILE",
            "the file " + folder.resolve("nowhere") + " cannot be read (it does not exist)",
            "the file is empty",
            "the file " + folder + " cannot be read (it is a folder)",
            "the file " + folder.resolve("none") + " cannot be read (it does not exist)");
  }

  @Test
  void aConfigurationThatIsNotThereOrNotTextIsOneReadableProblem() throws IOException {
    Path none = folder.resolve("none.yaml");
    assertThat(problemsOf(none)).containsExactly(none + ": cannot be read (it does not exist)");
    Path binary = folder.resolve("binary.yaml");
    Files.write(binary, new byte[] {(byte) 0xC3, 0x28});
    assertThat(problemsOf(binary)).containsExactly(binary + ": is not UTF-8 text");
    Path control = folder.resolve("control.yaml");
    Files.write(control, "A: 1\nB: \u0001".getBytes(StandardCharsets.UTF_8));
    assertThat(problemsOf(control))
        .containsExactly(control + ":2:4: not valid YAML: a control character stands here");
  }

  private static List<String> problemsOf(Path config) {
    ConfigResult<String> result = READER.read(config, top -> top.text("A", ""));
    return ((ConfigResult.Invalid<String>) result)
        .problems().stream().map(Problem::toString).toList();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("config.yaml"), text);
  }
}

package dev.buildman.executor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changed boot data is recorded anew with {@code -Dgolden.record}; the change then shows. */
class MachineTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int ROOMY = 1_000_000;
  private static final int EC2 = 16_384;
  private static final String TOKEN = MadeMachines.TOKEN;

  @TempDir Path folder;

  @Test
  void quaysWorkerRunsOnTheMachinesDocker() throws IOException {
    golden(
        "quay-docker",
        """
        AGENT: quay
        WORKER_IMAGE: quay.io/projectquay/quay-builder
        WORKER_TAG: "3.13"
        QUAY_USERNAME: robot+pull
        QUAY_PASSWORD: "p$ss %word\\""
        """);
  }

  @Test
  void quaysWorkerRunsOnTheMachinesPodmanBehindAProxy() throws IOException {
    golden(
        "quay-podman-proxy",
        """
        AGENT: quay
        WORKER_IMAGE: registry.example:5000/quay-builder:3.13
        CONTAINER_RUNTIME: podman
        HTTP_PROXY: http://user:p%20$w@proxy.example:3128
        HTTPS_PROXY: http://proxy.example:3128
        NO_PROXY: localhost,.example
        CA_CERT: ca.pem
        EXTRA_CA_CERTS: extra.pem
        SSH_AUTHORIZED_KEYS: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA op@example"]
        """);
  }

  @Test
  void ourAgentBringsItsOwnEngine() throws IOException {
    golden("ours", "AGENT: ours\n");
  }

  @Test
  void aFailedMachineStaysToBeLookedAt() throws IOException {
    golden(
        "ours-debug",
        """
        AGENT: ours
        DEBUG: true
        DEBUG_RETENTION: 30m
        QUAY_USERNAME: robot
        QUAY_PASSWORD: secret
        """);
  }

  @Test
  void itHoldsNoSecretButTheTokenAndTheLoginOfTheImage() throws IOException {
    String listing =
        listing(
            made(
                    """
                    WORKER_IMAGE: quay.io/acme/agent
                    QUAY_USERNAME: robot
                    QUAY_PASSWORD: hidden
                    """,
                    ROOMY)
                .text()
                .reveal());
    String login =
        Base64.getEncoder().encodeToString("robot:hidden".getBytes(StandardCharsets.UTF_8));

    assertThat(listing).containsOnlyOnce(TOKEN).containsOnlyOnce(login).doesNotContain("hidden");
    assertThat(made("", ROOMY).toString()).doesNotContain(TOKEN);
  }

  @Test
  void whatDoesNotFitIsPacked() throws IOException {
    // E11: 16,384 bytes of an instance's user data.
    Files.writeString(folder.resolve("extra.pem"), "subject=/CN=an authority\n".repeat(1000));

    UserData.Made made = made("EXTRA_CA_CERTS: extra.pem\n", EC2);

    assertThat(made.packed()).isTrue();
    assertThat(made.text().reveal().length()).isLessThanOrEqualTo(EC2);
    JsonNode wrapper = JSON.readTree(made.text().reveal());
    assertThat(IgnitionRules.broken(wrapper)).isEmpty();
    String inner = IgnitionRules.decoded(wrapper.at("/ignition/config/replace"));
    assertThat(IgnitionRules.broken(JSON.readTree(inner))).isEmpty();
    assertThat(inner)
        .isEqualTo(made("EXTRA_CA_CERTS: extra.pem\n", ROOMY).text().reveal())
        .hasSizeGreaterThan(EC2);
  }

  @Test
  void whatDoesNotFitPackedEitherIsRefusedWithItsSize() throws IOException {
    byte[] noise = new byte[30_000];
    new Random(7).nextBytes(noise);
    Files.writeString(folder.resolve("extra.pem"), Base64.getEncoder().encodeToString(noise));

    assertThat(userData("EXTRA_CA_CERTS: extra.pem\n", EC2))
        .isInstanceOfSatisfying(
            UserData.Refused.class,
            refused ->
                assertThat(refused.sentence())
                    .containsPattern("has 5\\d{4} bytes, compressed 5\\d{4}, and at most 16384")
                    .contains("EXTRA_CA_CERTS"));
  }

  @Test
  void aValueOfSeveralLinesIsRefusedByItsName() throws IOException {
    assertThat(userData("NO_PROXY: \"a\\nTOKEN=stolen\"\n", ROOMY))
        .isEqualTo(
            new UserData.Refused(
                "NO_PROXY has more than one line: an environment file cannot hold that"));
  }

  private void golden(String name, String lines) throws IOException {
    String text = made(lines, ROOMY).text().reveal();
    assertThat(IgnitionRules.broken(JSON.readTree(text))).isEmpty();
    String listing = listing(text);
    String file = "/boot/" + name + ".txt";
    if (System.getProperty("golden.record") != null) {
      Files.writeString(Path.of("src/test/resources" + file), listing);
      Files.writeString(Path.of("target/" + name + ".ign"), text);
      return;
    }
    try (InputStream golden = MachineTest.class.getResourceAsStream(file)) {
      assertThat(golden).as(file).isNotNull();
      assertThat(listing).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  // The document without its texts, then each text: as a person can read them.
  private static String listing(String text) throws IOException {
    JsonNode document = JSON.readTree(text);
    StringBuilder texts = new StringBuilder();
    for (JsonNode file : document.at("/storage/files")) {
      ObjectNode contents = (ObjectNode) file.get("contents");
      section(texts, file.get("path").asText(), IgnitionRules.decoded(contents));
      contents.put("source", "...");
    }
    for (JsonNode unit : document.at("/systemd/units")) {
      String name = unit.get("name").asText();
      if (unit.has("contents")) {
        section(texts, name, unit.get("contents").asText());
        ((ObjectNode) unit).put("contents", "...");
      }
      for (JsonNode dropin : unit.path("dropins")) {
        section(texts, name + ".d/" + dropin.get("name").asText(), dropin.get("contents").asText());
        ((ObjectNode) dropin).put("contents", "...");
      }
    }
    return JSON.writeValueAsString(document) + "\n" + texts;
  }

  private static void section(StringBuilder texts, String name, String text) {
    texts.append("\n---- ").append(name).append('\n').append(text);
    if (!text.endsWith("\n")) {
      texts.append("\n(no newline at the end)\n");
    }
  }

  private UserData.Made made(String lines, int limit) throws IOException {
    UserData data = userData(lines, limit);
    assertThat(data).isInstanceOf(UserData.Made.class);
    return (UserData.Made) data;
  }

  private UserData userData(String lines, int limit) throws IOException {
    return MadeMachines.userData(folder, lines, limit);
  }
}

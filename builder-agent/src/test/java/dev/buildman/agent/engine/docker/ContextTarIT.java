package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.BuildContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextTarIT {
  private static final String FILE = "FROM scratch\nCOPY . /\n";

  /** A header with the content of its file. */
  private record Sent(TarArchiveEntry header, String text) {}

  @TempDir Path folder;

  @BeforeEach
  void makeDockerfile() throws IOException {
    Files.writeString(folder.resolve("Dockerfile"), FILE);
  }

  private ContextTar tar(String ignore, String dockerfile) throws Exception {
    BuildContext context = new BuildContext(folder, folder.resolve("Dockerfile"));
    return new ContextTar(context, IgnoreFile.parse(ignore), dockerfile, link -> false);
  }

  private static Map<String, Sent> read(ContextTar context) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    context.write(bytes);
    Map<String, Sent> sent = new LinkedHashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String text = new String(tar.readAllBytes(), StandardCharsets.UTF_8);
        assertThat(sent.put(entry.getName(), new Sent(entry, text))).as(entry.getName()).isNull();
      }
    }
    return sent;
  }

  @Test
  void sendsTheContextAsItIs() throws Exception {
    Path tool = Files.createDirectory(folder.resolve("ä".repeat(60))).resolve("x".repeat(120));
    Files.writeString(tool, "tool");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createLink(folder.resolve("again"), tool);
    Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(folder.resolve("out"), Path.of("../outside"));
    Files.writeString(folder.resolve(".dockerignore"), "*.log\n");
    Files.writeString(folder.resolve("a.log"), "");

    ContextTar context = tar("*.log\n", FILE + "\n");
    Map<String, Sent> sent = read(context);

    String name = "ä".repeat(60) + "/" + "x".repeat(120);
    assertThat(context.dockerfile()).isEqualTo("Dockerfile");
    assertThat(sent)
        .containsOnlyKeys(
            ".dockerignore", "Dockerfile", "again", "link", "ä".repeat(60) + "/", name);
    assertThat(sent.get("again").text()).isEqualTo("tool");
    assertThat(sent.get("again").header().getMode()).isEqualTo(0751);
    assertThat(sent.get(name).header().isLink()).isTrue();
    assertThat(sent.get(name).header().getLinkName()).isEqualTo("again");
    assertThat(sent.get("link").header().getLinkName()).isEqualTo("/etc/passwd");
    assertThat(sent.values()).allMatch(entry -> entry.header().getLongUserId() == 0);
    assertThat(sent.get(".dockerignore").text()).isEqualTo("*.log\n");
  }

  @Test
  void aDockerfileThatWasRewrittenLeavesNoTraceInTheBuild() throws Exception {
    ContextTar context = tar("", "FROM scratch\n");
    Map<String, Sent> sent = read(context);

    assertThat(context.dockerfile()).isEqualTo(".dockerfile.buildman");
    assertThat(sent.get("Dockerfile").text()).isEqualTo(FILE);
    assertThat(sent.get(".dockerfile.buildman").text()).isEqualTo("FROM scratch\n");
    assertThat(sent.get(".dockerignore").text()).isEqualTo(".dockerfile.buildman\n.dockerignore\n");
  }

  @Test
  void anIgnoreFileThatTheBuildSeesOnlyGetsALineMore() throws Exception {
    Files.writeString(folder.resolve(".dockerignore"), "Dockerfile\n");
    Map<String, Sent> sent = read(tar("Dockerfile\n", FILE));

    assertThat(sent).containsOnlyKeys(".dockerfile.buildman", ".dockerignore");
    assertThat(sent.get(".dockerignore").text()).isEqualTo("Dockerfile\n\n.dockerfile.buildman\n");
  }
}

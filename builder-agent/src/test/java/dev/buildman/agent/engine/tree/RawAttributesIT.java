package dev.buildman.agent.engine.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.compression.Compression;
import dev.buildman.agent.compression.Packer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Extended attributes of layers, which are bytes and not always text. */
final class RawAttributesIT {
  private static final String NAME = "SCHILY.xattr.security.capability";

  /** Of {@code setcap cap_net_raw,cap_chown+eip}, with bits in it that no text has. */
  private static final String BINARY = "\1\0\0\2\u0080 \0\u00ff\u00c3(\0\0\n\0=\0\0\0\0";

  /** As bytes: UTF-8 of a word with an umlaut. */
  private static final String TEXT = "gr\u00c3\u00bcn";

  @TempDir private Path folder;

  /** The same through reading, writing and reading again, whatever is packed around it. */
  @ParameterizedTest
  @ValueSource(strings = {"f", "a/very/long/name/", "\u00fcmlaut"})
  void areTheSameBytesAfterwards(String name) throws Exception {
    String path = name.endsWith("/") ? name.repeat(8) + "f" : name;
    Path tar = Files.write(folder.resolve("in.tar"), tar(path));
    FileTree tree = read(tar);
    assertThat(tree.get(path).extended()).isEqualTo(Map.of(NAME, BINARY, NAME + "2", TEXT));

    TreeMap<String, FileEntry> entries = new TreeMap<>(tree.below(""));
    Path packed = folder.resolve("out.tar.gz");
    new LayerWriter(null).write(entries, packed);

    FileTree again = read(packed);
    assertThat(again.get(path).extended()).isEqualTo(Map.of(NAME, BINARY, NAME + "2", TEXT));
    assertThat(again.get("after").extended()).isEqualTo(Map.of(NAME + "3", TEXT));
    assertThat(again.get("last").extended()).isEmpty();
    assertThat(
            new String(
                again.below("").get("last").body() instanceof FileEntry.Regular(Content c, long _)
                    ? c.open().readAllBytes()
                    : new byte[0],
                ISO_8859_1))
        .isEqualTo("last");
  }

  @Test
  void damagedOnesAreLeftOut() throws Exception {
    byte[] bytes = tar("f");
    String text = new String(bytes, ISO_8859_1);
    int at = text.indexOf(" " + NAME + "=");
    bytes[at - 1] = 'x';
    Path tar = Files.write(folder.resolve("bad.tar"), bytes);
    try (Archive archive = new Archive(tar, folder.resolve("plain"))) {
      assertThat(archive.items()).isNotNull();
    } catch (IOException | TreeException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  private FileTree read(Path tar) throws Exception {
    return LayerReader.read(new Archive(tar, folder.resolve("plain" + tar.getFileName())));
  }

  /** The library writes text only: what is no text is put in the place of as many letters. */
  private static byte[] tar(String path) throws IOException {
    String letters = "Z".repeat(BINARY.length());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      entry(tar, path, Map.of(NAME, letters, NAME + "2", "gr\u00fcn"), "content");
      entry(tar, "after", Map.of(NAME + "3", "gr\u00fcn"), "");
      entry(tar, "last", Map.of(), "last");
    }
    String text = new String(bytes.toByteArray(), ISO_8859_1).replace(letters, BINARY);
    return Packer.pack(Compression.NONE, text.getBytes(ISO_8859_1));
  }

  private static void entry(
      TarArchiveOutputStream tar, String path, Map<String, String> attributes, String content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path);
    attributes.forEach(entry::addPaxHeader);
    entry.setSize(content.length());
    tar.putArchiveEntry(entry);
    tar.write(content.getBytes(ISO_8859_1));
    tar.closeArchiveEntry();
  }
}

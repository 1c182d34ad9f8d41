package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms that daemons have given an exported image. */
class ImageArchiveIT {
  @TempDir Path folder;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  private void put(String name, byte[] content) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private void put(String name, String content) throws IOException {
    put(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private void link(String name, String target) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
    entry.setLinkName(target);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private SavedImage read() throws Exception {
    tar.finish();
    InputStream stream = new ByteArrayInputStream(bytes.toByteArray());
    return ImageArchive.read(stream, folder, new KnownImages(folder), UnaryOperator.identity());
  }

  private static byte[] layer(String name) throws IOException {
    return TestImages.tar(List.of(Item.file(name, name)));
  }

  private static String config(byte[]... layers) {
    StringBuilder ids = new StringBuilder();
    for (byte[] layer : layers) {
      ids.append(ids.isEmpty() ? "\"" : ",\"").append(Digest.of(layer)).append('"');
    }
    return "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + ids + "]}}";
  }

  private static byte[] plain(SavedImage image, Descriptor layer) throws IOException {
    try (InputStream in = new GZIPInputStream(image.content(layer).open())) {
      return in.readAllBytes();
    }
  }

  @Test
  void readsFoldersOfLayersWhereOneIsTwiceThere() throws Exception {
    byte[] one = layer("one");
    byte[] two = layer("two");
    put("aa/layer.tar", one);
    put("aa/VERSION", "1.0");
    link("bb/layer.tar", "../aa/layer.tar");
    put("cc/layer.tar", two);
    put("0123.json", config(one, two, one));
    put(
        "manifest.json",
        "[{\"Config\":\"0123.json\",\"Layers\":[\"aa/layer.tar\",\"cc/layer.tar\",\"bb/layer.tar\"]}]");

    SavedImage image = read();
    assertThat(image.manifest().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    assertThat(image.manifest().layers()).hasSize(3);
    assertThat(plain(image, image.manifest().layers().get(1))).isEqualTo(two);
    assertThat(plain(image, image.manifest().layers().get(2))).isEqualTo(one);
    assertThat(image.manifest().config().digest())
        .isEqualTo(Digest.of(config(one, two, one).getBytes(StandardCharsets.UTF_8)));
    assertThat(image.blobs()).hasSize(3);
  }

  @Test
  void readsALayoutWithPackedLayersWhoseDocumentsComeFirst() throws Exception {
    byte[] packed = TestImages.gzip(layer("one"));
    put("manifest.json", "[{\"Config\":\"blobs/sha256/c\",\"Layers\":[\"blobs/sha256/a\"]}]");
    put("blobs/sha256/c", config(layer("one")));
    put("blobs/sha256/a", packed);

    SavedImage image = read();
    assertThat(image.manifest().layers().getFirst().digest()).isEqualTo(Digest.of(packed));
    assertThat(plain(image, image.manifest().layers().getFirst())).isEqualTo(layer("one"));
  }

  @Test
  void refusesAnImageThatIsNotWholeOrNotItself() throws Exception {
    put("a.tar", layer("other"));
    put("c.json", config(layer("one")));
    put("manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[\"a.tar\"]}]");
    assertThatIOException().isThrownBy(this::read).withMessageContaining("not what");

    bytes.reset();
    tar = new TarArchiveOutputStream(bytes, "UTF-8");
    put("c.json", config(layer("one")));
    put("manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[\"b.tar\"]}]");
    assertThatIOException().isThrownBy(this::read).withMessageContaining("lacks its layer b.tar");
  }
}

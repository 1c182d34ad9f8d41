package dev.buildman.agent.compression;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {
  private static byte[] unpacked(byte[] packed) throws IOException {
    try (InputStream in = Compression.unpack(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    }
  }

  private static byte[] mixed(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    Arrays.fill(bytes, size / 3, size / 2, (byte) 'a');
    return bytes;
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @ParameterizedTest
  @EnumSource
  void whatWasPackedIsUnpacked(Compression kind) throws IOException {
    for (int size : new int[] {0, 1, 600, 300_000}) {
      byte[] plain = mixed(size);
      byte[] packed = Packer.pack(kind, plain);
      assertThat(Compression.of(packed)).isEqualTo(kind);
      assertThat(unpacked(packed)).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void filesOneAfterTheOtherAreOne(Compression kind) throws IOException {
    byte[] one = mixed(1000);
    byte[] two = mixed(2000);
    assertThat(unpacked(joined(Packer.pack(kind, one), Packer.pack(kind, two))))
        .isEqualTo(joined(one, two));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aCutFileIsAnErrorWhereverItIsCut(Compression kind) throws IOException {
    byte[] packed = Packer.pack(kind, mixed(5000));
    for (int size = 6; size < packed.length; size += Math.max(1, packed.length / 40)) {
      byte[] cut = Arrays.copyOf(packed, size);
      assertThatThrownBy(() -> unpacked(cut)).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BZIP2", "XZ", "ZSTD"})
  void aDamagedByteIsAnErrorAndNeverASurprise(Compression kind) throws IOException {
    byte[] packed = Packer.pack(kind, mixed(5000));
    for (int at = 6; at < packed.length; at += 7) {
      byte[] damaged = packed.clone();
      damaged[at] ^= 0x55;
      try {
        unpacked(damaged);
      } catch (IOException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void zstdFramesWithoutContentAreLeftOutWhereverTheyStand() throws IOException {
    byte[] skipped = HexFormat.of().parseHex("5e2a4d1803000000aabbcc");
    byte[] frame = Packer.pack(Compression.ZSTD, "content".getBytes(UTF_8));
    assertThat(unpacked(joined(skipped, frame, skipped, skipped, frame, skipped)))
        .asString(UTF_8)
        .isEqualTo("contentcontent");
  }

  /** A few bytes that want gigabytes of memory: a window of 2 GiB, a dictionary of 1 GiB. */
  @Test
  void aFileThatWantsTooMuchMemoryIsRefusedBeforeItGetsIt() throws IOException {
    byte[] window = HexFormat.of().parseHex("28b52ffd00a8010000");
    assertThatThrownBy(() -> unpacked(window)).hasMessageContaining("more memory than the 128 MiB");

    byte[] content = HexFormat.of().parseHex("28b52ffda0000000400100000000");
    assertThatThrownBy(() -> unpacked(content)).hasMessageContaining("more memory than");

    byte[] xz = Packer.pack(Compression.XZ, mixed(100));
    // The block's header: size, flags, filter id and properties, then the dictionary's size.
    xz[12 + 4] = 36;
    byte[] header = Arrays.copyOfRange(xz, 12, 12 + 8);
    CRC32 crc = new CRC32();
    crc.update(header);
    for (int i = 0; i < 4; i++) {
      xz[12 + 8 + i] = (byte) (crc.getValue() >> (8 * i));
    }
    assertThatThrownBy(() -> unpacked(xz)).hasMessageContaining("more memory than the 128 MiB");
  }

  @Test
  void zstdThatNeedsADictionaryOrIsFollowedByRubbishIsNamed() throws IOException {
    byte[] dictionary = HexFormat.of().parseHex("28b52ffd2107050100000000");
    assertThatThrownBy(() -> unpacked(dictionary)).hasMessageContaining("dictionary");
    byte[] frame = Packer.pack(Compression.ZSTD, new byte[10]);
    assertThatThrownBy(() -> unpacked(joined(frame, "rubbish".getBytes(UTF_8))))
        .hasMessageContaining("something else");
  }
}

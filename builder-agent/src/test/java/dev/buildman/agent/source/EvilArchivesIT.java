package dev.buildman.agent.source;

import static dev.buildman.agent.source.Archives.dataUrl;
import static dev.buildman.agent.source.Archives.tar;
import static dev.buildman.agent.source.SourceFixture.packed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.proto.agent.FailureCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives made to write, read or fill what is not theirs. */
class EvilArchivesIT {
  @TempDir Path dir;
  private SourceFixture sources;
  private Path bystander;

  @BeforeEach
  void fixture() throws Exception {
    Path work = Files.createDirectory(dir.resolve("work"));
    bystander = Files.writeString(work.resolve("bystander"), "untouched");
    sources = new SourceFixture(work);
  }

  private void refused(byte[] archive, String words) {
    assertThatThrownBy(
            () ->
                sources.fetch(
                    packed(dataUrl("application/octet-stream", archive)), SourceFixture.small()))
        .isInstanceOfSatisfying(
            SourceFailure.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.CANNOT_EXTRACT_BUILD_PACK))
        .hasMessageContaining(words);
    assertThat(bystander).hasContent("untouched");
    assertThat(dir).isDirectoryNotContaining("glob:**/evil");
  }

  @Test
  void aPathWithDotsIsRefused() throws Exception {
    refused(tar().file("../../evil", "x").gzipped(), "'../../evil' has a path with ..");
  }

  @Test
  void aPathWithDotsInTheMiddleIsRefusedInAZipToo() throws Exception {
    refused(Archives.zip("a/../../../evil", "x", 0100644), "has a path with ..");
  }

  @Test
  void anAbsolutePathIsRefused() throws Exception {
    refused(tar().file(dir + "/evil", "x").plain(), "has an absolute path");
  }

  @Test
  void aLinkOutIsRefused() throws Exception {
    refused(tar().symlink("out", "/etc/passwd").gzipped(), "leads out of the archive: /etc/passwd");
  }

  @Test
  void aRelativeLinkOutIsRefused() throws Exception {
    refused(tar().symlink("a/out", "../../bystander").gzipped(), "leads out of the archive");
  }

  @Test
  void aLinkOutInAZipIsRefused() throws Exception {
    refused(Archives.zip("out", "../../bystander", 0120777), "leads out of the archive");
  }

  /** By its words "y" stays inside; by way of "up" it does not. */
  @Test
  void aLinkThatLeadsOutOnlyThroughAnotherLinkIsRefused() throws Exception {
    refused(
        tar().symlink("a/b/up", "../..").symlink("y", "a/b/up/../../bystander").gzipped(),
        "'y' is a link that leads out");
  }

  @Test
  void nothingIsWrittenThroughALink() throws Exception {
    refused(
        tar().folder("real", 0755).symlink("alias", "real").file("alias/x", "x").gzipped(),
        "lies behind a symbolic link");
    refused(tar().symlink("dir", "../..").file("dir/evil", "x").gzipped(), "behind a symbolic");
  }

  @Test
  void aFileThatTakesALinksPlaceDoesNotWriteToItsTarget() throws Exception {
    byte[] archive =
        tar().file("Dockerfile", "x").symlink("b", "../../bystander").file("b", "new").gzipped();

    FetchedSource source = sources.fetch(packed(dataUrl("application/gzip", archive)));

    assertThat(bystander).hasContent("untouched");
    assertThat(source.contextDir().resolve("b")).hasContent("new");
    assertThat(Files.isSymbolicLink(source.contextDir().resolve("b"))).isFalse();
  }

  @Test
  void aHardLinkOutOrThroughALinkIsRefused() throws Exception {
    refused(tar().hardlink("h", "../../bystander").gzipped(), "has a path with ..");
    refused(tar().hardlink("h", "/etc/passwd").gzipped(), "has an absolute path");
    refused(
        tar().symlink("s", "../../bystander").hardlink("h", "s").gzipped(),
        "is a hard link to something that is no file");
    refused(
        tar().symlink("s", "../..").hardlink("h", "s/bystander").gzipped(),
        "through something that is no folder");
  }

  @Test
  void devicesAndPipesAreRefused() throws Exception {
    refused(tar().special("d", TarConstants.LF_CHR).gzipped(), "is a device");
    refused(tar().special("d", TarConstants.LF_BLK).gzipped(), "is a device");
    refused(tar().special("p", TarConstants.LF_FIFO).gzipped(), "is a named pipe");
  }

  @Test
  void moreThanTheLimitsIsRefused() throws Exception {
    refused(Archives.gzippedZeros(5 << 20), "unpacks to more than 4 MiB");
    Archives many = tar();
    for (int i = 0; i <= 100; i++) {
      many.file("f" + i, "");
    }
    refused(many.gzipped(), "more than 100 files");
  }

  /** 10 GB in a few MB: given up after 256 MiB, whatever the limit of bytes. */
  @Test
  void anArchiveThatGrowsBeyondReasonIsRefused() throws Exception {
    byte[] archive = Archives.gzippedZeros(300 << 20);

    assertThatThrownBy(() -> sources.fetch(packed(dataUrl("application/gzip", archive))))
        .hasMessageContaining("more than 300 times its own size");
  }

  @Test
  void aTruncatedOrEmptyArchiveIsNamed() throws Exception {
    byte[] whole = tar().file("Dockerfile", "x".repeat(9000)).gzipped();
    refused(Arrays.copyOf(whole, whole.length - 20), "cannot be unpacked");
    refused(tar().gzipped(), "holds no files");
  }

  /** Found by the fuzzer: the library asks for another one, which is not there. */
  @Test
  void aZipThatIsPackedInAnUnusualWayIsRefused() throws Exception {
    for (int method : new int[] {14, 93, 95, 99}) { // LZMA, zstd, xz, AES
      byte[] zip = Archives.zip("Dockerfile", "FROM scratch", 0100644);
      int central = new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
      zip[8] = (byte) method;
      zip[central + 10] = (byte) method;
      refused(zip, "packed in a way that cannot be read");
    }
  }

  @Test
  void aHeaderOfEndlessLengthIsRefusedBeforeItFillsTheMemory() throws Exception {
    // A GNU long name of 64 MiB: type L, size and checksum set by hand.
    byte[] header =
        Arrays.copyOf(
            tar().special("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME).plain(), 512);
    put(header, 124, "00400000000 ");
    put(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));

    refused(Archives.gzip(header, 64 << 20), "headers is far too long");
  }

  private static void put(byte[] header, int at, String text) {
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, header, at, text.length());
  }

  @Test
  void anInterruptionEndsTheUnpackingWithinASecond() throws Exception {
    byte[] archive = Archives.gzippedZeros(250 << 20);
    Thread unpacking = Thread.currentThread();
    Thread interrupter =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (sources.lines().stream().noneMatch(l -> l.startsWith("Unpacking"))) {
                    Thread.onSpinWait();
                  }
                  unpacking.interrupt();
                });

    assertThatThrownBy(() -> sources.fetch(packed(dataUrl("application/gzip", archive))))
        .isInstanceOf(InterruptedException.class);
    assertThat(interrupter.join(Duration.ofSeconds(5))).isTrue();
  }
}

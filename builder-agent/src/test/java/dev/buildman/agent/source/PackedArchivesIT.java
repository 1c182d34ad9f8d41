package dev.buildman.agent.source;

import static dev.buildman.agent.source.Archives.dataUrl;
import static dev.buildman.agent.source.Archives.tar;
import static dev.buildman.agent.source.SourceFixture.packed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.compression.Compression;
import dev.buildman.agent.compression.Packer;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way to pack a tar, good and hostile: {@link EvilArchivesIT} has the whole list of evils. */
class PackedArchivesIT {
  @TempDir Path dir;
  private SourceFixture sources;

  @BeforeEach
  void fixture() {
    sources = new SourceFixture(dir);
  }

  private FetchedSource fetch(byte[] archive) throws Exception {
    return sources.fetch(
        packed(dataUrl("application/octet-stream", archive)), SourceFixture.small());
  }

  private void refused(byte[] archive, String words) {
    assertThatThrownBy(() -> fetch(archive))
        .isInstanceOfSatisfying(
            SourceFailure.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.CANNOT_EXTRACT_BUILD_PACK))
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @EnumSource
  void aTarIsUnpackedHoweverItIsPacked(Compression kind) throws Exception {
    byte[] tar =
        tar().file("Dockerfile", "FROM " + kind).file("a/b", "x").symlink("l", "a/b").plain();

    FetchedSource source = fetch(Packer.pack(kind, tar));

    assertThat(source.dockerfile()).hasContent("FROM " + kind);
    assertThat(source.contextDir().resolve("l")).hasContent("x");
    assertThat(source.commit()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void hostileEntriesAreRefusedHoweverTheyArePacked(Compression kind) throws Exception {
    refused(Packer.pack(kind, tar().file("../evil", "x").plain()), "has a path with ..");
    refused(Packer.pack(kind, tar().symlink("l", "/etc/passwd").plain()), "leads out");
    refused(
        Packer.pack(kind, tar().symlink("d", "..").file("d/evil", "x").plain()), "symbolic link");
    refused(Packer.pack(kind, tar().hardlink("h", "../../x").plain()), "has a path with ..");
    refused(Packer.pack(kind, tar().special("p", TarConstants.LF_FIFO).plain()), "named pipe");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void whatUnpacksToMoreThanTheLimitIsRefused(Compression kind) throws Exception {
    byte[] whole = tar().zeros("zeros", 5 << 20).plain();
    refused(Packer.pack(kind, whole), "unpacks to more than 4 MiB");
    // What comes after the last entry is not read, however much it is.
    byte[] small = tar().file("Dockerfile", "x").plain();
    assertThat(fetch(Packer.pack(kind, small, 64 << 20)).dockerfile()).exists();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aCutArchiveIsNamed(Compression kind) throws Exception {
    byte[] whole = Packer.pack(kind, tar().file("Dockerfile", "x".repeat(9000)).plain());
    refused(Arrays.copyOf(whole, whole.length / 2), "cannot be unpacked");
  }
}

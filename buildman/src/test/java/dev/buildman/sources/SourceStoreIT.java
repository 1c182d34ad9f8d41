package dev.buildman.sources;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.sources.SourceStore.Begun;
import dev.buildman.sources.UploadResult.Problem;
import dev.buildman.sources.UploadResult.Refused;
import dev.buildman.sources.UploadResult.Stored;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceStoreIT {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final byte[] DOCKERFILE = "FROM scratch\n".getBytes(UTF_8);

  @TempDir Path directory;
  private SourceStore store;
  private Instant now = NOW;

  @BeforeEach
  void open() throws IOException {
    InstantSource clock = () -> now;
    store = SourceStore.open(directory, 10_000, clock);
  }

  @Test
  void stores_a_source_sent_in_pieces() throws IOException {
    byte[] archive = gzip("content".repeat(500));
    Stored stored = (Stored) upload(archive, SourceKind.GZIP_TAR, 7);
    assertThat(stored.existing()).isFalse();
    assertThat(Files.readAllBytes(stored.source().file())).isEqualTo(archive);
    assertThat(store.find(SourceDigest.of(archive))).hasValue(stored.source());
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void takes_no_bytes_of_a_source_that_is_there() throws IOException {
    upload(DOCKERFILE, SourceKind.DOCKERFILE, 100);
    assertThat(store.begin(SourceDigest.of(DOCKERFILE), DOCKERFILE.length, SourceKind.DOCKERFILE))
        .isInstanceOf(Begun.Existing.class);
  }

  @Test
  void keeps_nothing_when_the_digest_does_not_match() throws IOException {
    SourceDigest wrong = SourceDigest.of("else".getBytes(UTF_8));
    Upload upload = begin(wrong, DOCKERFILE.length, SourceKind.DOCKERFILE);
    upload.write(ByteBuffer.wrap(DOCKERFILE));
    assertThat(problem(upload.finish())).isEqualTo(Problem.DIGEST_MISMATCH);
    upload.close();
    assertThat(store.find(wrong)).isEmpty();
    assertThat(store.find(SourceDigest.of(DOCKERFILE))).isEmpty();
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void keeps_nothing_of_an_upload_that_was_broken_off() throws IOException {
    try (Upload upload = begin(SourceDigest.of(DOCKERFILE), 13, SourceKind.DOCKERFILE)) {
      upload.write(ByteBuffer.wrap(DOCKERFILE, 0, 5));
      assertThat(problem(upload.finish())).isEqualTo(Problem.SIZE_MISMATCH);
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void stops_an_upload_that_is_longer_than_announced() throws IOException {
    try (Upload upload = begin(SourceDigest.of(DOCKERFILE), 5, SourceKind.DOCKERFILE)) {
      assertThat(upload.write(ByteBuffer.wrap(DOCKERFILE)).orElseThrow().problem())
          .isEqualTo(Problem.SIZE_MISMATCH);
    }
  }

  @Test
  void refuses_a_source_above_the_limit_before_a_byte_is_sent() throws IOException {
    Begun begun = store.begin(SourceDigest.of(DOCKERFILE), 10_001, SourceKind.DOCKERFILE);
    assertThat(((Begun.TooLarge) begun).refusal().text()).contains("10000").contains("MAX_SIZE");
  }

  @Test
  void refuses_content_that_quays_worker_could_not_unpack() throws IOException {
    // A plain tar, HTML of a login page is text (the agent's parser refuses it), binary noise.
    assertThat(problem(upload(new byte[2048], SourceKind.GZIP_TAR, 100)))
        .isEqualTo(Problem.WRONG_KIND);
    assertThat(problem(upload(DOCKERFILE, SourceKind.ZIP, 100))).isEqualTo(Problem.WRONG_KIND);
    assertThat(problem(upload(gzip("x"), SourceKind.DOCKERFILE, 100)))
        .isEqualTo(Problem.WRONG_KIND);
    assertThat(problem(upload(new byte[] {(byte) 0xff, 'a'}, SourceKind.DOCKERFILE, 100)))
        .isEqualTo(Problem.WRONG_KIND);
  }

  @Test
  void takes_a_character_cut_at_the_end_of_the_head_for_text() throws IOException {
    byte[] text = ("#" + "ä".repeat(400)).getBytes(UTF_8);
    assertThat(upload(text, SourceKind.DOCKERFILE, 100)).isInstanceOf(Stored.class);
  }

  @Test
  void retires_what_nobody_used_or_names() throws IOException {
    byte[] named = "FROM named\n".getBytes(UTF_8);
    byte[] fresh = "FROM fresh\n".getBytes(UTF_8);
    store.putDockerfile(DOCKERFILE);
    store.putDockerfile(named);
    now = NOW.plus(Duration.ofDays(2));
    store.putDockerfile(fresh);
    int gone =
        store.retire(
            now.minus(Duration.ofDays(1)), digest -> digest.equals(SourceDigest.of(named)));
    assertThat(gone).isEqualTo(1);
    assertThat(store.find(SourceDigest.of(DOCKERFILE))).isEmpty();
    assertThat(store.find(SourceDigest.of(named))).isPresent();
    assertThat(store.find(SourceDigest.of(fresh))).isPresent();
  }

  @Test
  void a_use_keeps_a_source_for_another_period() throws IOException {
    store.putDockerfile(DOCKERFILE);
    now = NOW.plus(Duration.ofDays(2));
    store.touch(SourceDigest.of(DOCKERFILE));
    assertThat(store.retire(now.minus(Duration.ofDays(1)), digest -> false)).isZero();
  }

  @Test
  void clears_up_after_uploads_that_died_with_their_manager() throws IOException {
    Upload dead = begin(SourceDigest.of(DOCKERFILE), 13, SourceKind.DOCKERFILE);
    dead.write(ByteBuffer.wrap(DOCKERFILE));
    now = Instant.now().plus(Duration.ofHours(1));
    store.retire(now, digest -> true);
    assertThat(leftovers()).hasSize(1);
    now = Instant.now().plus(Duration.ofDays(2));
    store.retire(now, digest -> true);
    assertThat(leftovers()).isEmpty();
  }

  private UploadResult upload(byte[] content, SourceKind kind, int piece) throws IOException {
    try (Upload upload = begin(SourceDigest.of(content), content.length, kind)) {
      for (int at = 0; at < content.length; at += piece) {
        int end = Math.min(content.length, at + piece);
        assertThat(upload.write(ByteBuffer.wrap(Arrays.copyOfRange(content, at, end)))).isEmpty();
      }
      return upload.finish();
    }
  }

  private Upload begin(SourceDigest digest, long size, SourceKind kind) throws IOException {
    return ((Begun.Open) store.begin(digest, size, kind)).upload();
  }

  private static Problem problem(UploadResult result) {
    return ((Refused) result).problem();
  }

  private Stream<Path> leftovers() throws IOException {
    return Files.list(directory.resolve("tmp"));
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }
}

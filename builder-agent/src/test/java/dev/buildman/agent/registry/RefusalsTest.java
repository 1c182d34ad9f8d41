package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What registries answer, and what it means. */
class RefusalsTest {
  private static final ImageReference TAG = ImageReference.parse("quay.io/a/b:v1");

  private static Answer answer(int status, String body, Map<String, List<String>> headers) {
    return new Answer(
        status,
        HttpHeaders.of(headers, (name, value) -> true),
        body.getBytes(StandardCharsets.UTF_8),
        URI.create("https://quay.io/v2/"));
  }

  private static String errors(String code, String message) {
    return "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\",\"detail\":{}}]}"
        .formatted(code, message);
  }

  @ParameterizedTest(name = "{0} {1}: {2} is {3}")
  @CsvSource({
    "401, UNAUTHORIZED, access to the requested resource is not authorized, DENIED",
    "403, DENIED, requested access to the resource is denied, DENIED",
    // Quay, Harbor (of three ages), a full disk of GitLab's, JFrog
    "403, DENIED, Quota has been exceeded on namespace, QUOTA",
    "403, DENIED, 'adding 1.3 MiB, which when added to 235.9 MiB will exceed the configured upper"
        + " limit of 100.0 MiB', QUOTA",
    "412, PRECONDITION, 'Quota exceeded when processing the request of adding 1 MiB', QUOTA",
    "413, DENIED, Storage quota limit reached, QUOTA",
    "507, UNKNOWN, insufficient storage, QUOTA",
    // ECR, Harbor, Azure, Google, Docker Hub
    "400, TAG_INVALID, The image tag 'v1' already exists in the 'b' repository and cannot be"
        + " overwritten because the repository is immutable., TAG_IMMUTABLE",
    "400, ImageTagAlreadyExistsException, it is, TAG_IMMUTABLE",
    "412, PRECONDITION, Failed to process request due to 'b:v1' configured as immutable.,"
        + " TAG_IMMUTABLE",
    "405, REGISTRY_DISALLOWED_OPERATION, 'The operation is disallowed on this registry, repository"
        + " or image.', TAG_IMMUTABLE",
    "409, CONFLICT, tag v1 is locked, TAG_IMMUTABLE",
    "403, DENIED, cannot update immutable tag v1, TAG_IMMUTABLE",
    "404, NAME_UNKNOWN, The repository with name 'b' does not exist in the registry, NOT_FOUND",
    "404, MANIFEST_BLOB_UNKNOWN, blob unknown to registry, INCOMPLETE",
    "400, BLOB_UNKNOWN, blob unknown to registry, INCOMPLETE",
    "400, MANIFEST_INVALID, manifest invalid, INVALID",
    "400, DIGEST_INVALID, provided digest did not match uploaded content, DIGEST_MISMATCH",
    "413, SIZE_INVALID, Request Entity Too Large, TOO_LARGE",
    "415, MANIFEST_INVALID, manifest schema version not supported, UNSUPPORTED",
    "429, TOOMANYREQUESTS, You have reached your pull rate limit, RATE_LIMITED",
    // Amazon's and others' other ways to say it
    "400, ThrottlingException, Rate exceeded, RATE_LIMITED",
    "403, DENIED, secondary rate limit, RATE_LIMITED",
    // Quay and Harbor in maintenance
    "405, UNSUPPORTED, System is currently read-only, SERVER",
    "503, UNAVAILABLE, The system is in read only mode, SERVER",
    "500, UNKNOWN, unknown error, SERVER",
    "502, X, x, SERVER",
    "504, X, x, SERVER",
    "501, UNSUPPORTED, no, UNSUPPORTED",
  })
  void aRefusalIsUnderstoodAndToldInTheRegistrysOwnWords(
      int status, String code, String message, Kind kind) {
    RegistryException refusal =
        Refusals.ofManifest(answer(status, errors(code, message), Map.of()), TAG, "pushing it");

    assertThat(refusal.kind()).isEqualTo(kind);
    assertThat(refusal.status()).isEqualTo(status);
    assertThat(refusal)
        .hasMessageStartingWith("registry quay.io answered " + status)
        .hasMessageContaining("while pushing it")
        .hasMessageEndingWith(code + ": " + message);
  }

  @Test
  void onlyATagIsImmutable() {
    Answer answer = answer(412, errors("PRECONDITION", "configured as immutable"), Map.of());
    ImageReference digest = TAG.withDigest(Digest.of(new byte[0]));
    assertThat(Refusals.ofManifest(answer, digest, "x").kind()).isEqualTo(Kind.INVALID);
    assertThat(Refusals.of(answer, "quay.io", "x").kind()).isEqualTo(Kind.INVALID);
  }

  @Test
  void wordsAreOnOneLineWithoutControlsAndNotWithoutEnd() {
    String text =
        "a\u001b[31m red\r\n\u202eline\u2028" + "x".repeat(399) + "\ud83d\ude00".repeat(9);
    String words = Words.of(answer(400, text, Map.of()));
    assertThat(words)
        .startsWith("a [31m red line x")
        .endsWith("...")
        .hasSizeLessThan(405)
        .doesNotContainPattern("[\\p{Cntrl}\\p{Cf}]");
    assertThat(words.codePoints()).noneMatch(c -> c >= 0xd800 && c < 0xe000);
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"message\":\"a\"}', a",
    "'{\"details\":\"d\",\"message\":\"a\"}', d",
    "'{\"error\":\"invalid_grant\",\"error_description\":\"expired\"}', expired",
    "'{\"errors\":[{\"code\":\"A\"},{\"message\":\"b\"},{\"code\":\"C\",\"detail\":\"d\"}]}',"
        + " A; b; C: d",
    "'{\"errors\":[]}', ''",
    "'{\"errors\":\"no list\"}', ''",
    "'[1]', '[1]'",
    "'', ''",
    "'<html><h1>502</h1>', 'an HTML page, so this may be no registry'",
  })
  void whateverFormTheWordsHaveTheyAreFound(String body, String words) {
    assertThat(Words.of(answer(400, body, Map.of()))).isEqualTo(words);
  }

  @Test
  void itIsToldAsWhomSomethingWasAsked() {
    Answer answer = answer(403, errors("DENIED", "no"), Map.of()).askedAs(" (asked as robot)");
    assertThat(Refusals.of(answer, "quay.io", "pushing it"))
        .hasMessage(
            "registry quay.io answered 403 (denied) while pushing it (asked as robot): DENIED: no");
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "0, 0",
    "-1, ",
    "soon, ",
    "'', ",
    "99999999999999, ",
    "'Sat, 21 Nov 2026 10:00:30 GMT', 30",
    // In the past: by the registry's own clock.
    "'Sat, 21 Nov 2026 09:59:00 GMT', ",
  })
  void aPauseIsAskedForInSecondsOrByTheRegistrysClock(String header, Long seconds) {
    Map<String, List<String>> headers =
        Map.of("Retry-After", List.of(header), "Date", List.of("Sat, 21 Nov 2026 10:00:00 GMT"));
    assertThat(RetryAfter.of(answer(429, "", headers)))
        .isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
  }

  @Test
  void aDateWithoutTheRegistrysOwnSaysNothing() {
    Map<String, List<String>> headers =
        Map.of("Retry-After", List.of("Sat, 21 Nov 2026 10:00:30 GMT"));
    assertThat(RetryAfter.of(answer(429, "", headers))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "0-0, 0",
    "0-1, 2",
    "0-99, 100",
    "0--1, 0",
    // Quay's answer to the question for an upload's state
    "bytes=0-100, 100",
    "bytes=0-0, 0",
    "bytes=0--1, 0",
  })
  void anUploadsStateIsReadAsRegistriesWriteIt(String range, long received) throws Exception {
    Answer answer = answer(204, "", Map.of("Range", List.of(range)));
    assertThat(UploadRange.received(answer, "quay.io", "x")).isEqualTo(received);
  }
}

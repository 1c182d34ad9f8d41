package dev.buildman.sources;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.sources.SourceUrls.Grant;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceUrlsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final byte[] OLD = "old".getBytes(UTF_8);
  private static final byte[] NEW = "new".getBytes(UTF_8);
  private static final Grant GRANT =
      new Grant(SourceDigest.of("x".getBytes(UTF_8)), "build-1", 2, NOW.plusSeconds(60));

  @Test
  void verifies_what_it_signed() {
    URI url = urls(NOW, NEW).sign(GRANT);
    assertThat(url.toString()).startsWith("http://manager:55080/sources/" + GRANT.digest().hex());
    assertThat(urls(NOW, NEW).verify(url)).hasValue(GRANT);
  }

  @Test
  void refuses_an_expired_url() {
    URI url = urls(NOW, NEW).sign(GRANT);
    assertThat(urls(NOW.plusSeconds(60), NEW).verify(url)).isEmpty();
  }

  @Test
  void accepts_urls_of_the_key_before_a_rotation() {
    URI url = urls(NOW, OLD).sign(GRANT);
    assertThat(urls(NOW, NEW, OLD).verify(url)).hasValue(GRANT);
    assertThat(urls(NOW, NEW).verify(url)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "build=build-1, build=build-2",
    "attempt=2, attempt=3",
    "expires=1767225660, expires=1767229999",
    "signature=, signature=A",
    "/sources/2, /sources/3",
    "attempt=2, attempt=two",
    "expires=1767225660, expires=99999999999999999999",
    "?build, ?other"
  })
  void refuses_a_changed_url(String from, String to) {
    String signed = urls(NOW, NEW).sign(GRANT).toString();
    assertThat(signed).contains(from);
    assertThat(urls(NOW, NEW).verify(URI.create(signed.replace(from, to)))).isEmpty();
  }

  private static SourceUrls urls(Instant now, byte[]... keys) {
    InstantSource clock = InstantSource.fixed(now);
    return new SourceUrls(URI.create("http://manager:55080/"), List.of(keys), clock);
  }
}

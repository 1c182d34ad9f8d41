package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String HEX =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox:latest",
    "busybox:1.36, docker.io/library/busybox:1.36",
    "grafana/grafana, docker.io/grafana/grafana:latest",
    "docker.io/busybox, docker.io/library/busybox:latest",
    "index.docker.io/library/busybox, docker.io/library/busybox:latest",
    "quay.io/a/b:c, quay.io/a/b:c",
    "Quay.IO/a/b, quay.io/a/b:latest",
    "localhost/a, localhost/a:latest",
    "localhost:5000/a, localhost:5000/a:latest",
    "127.0.0.1:5000/a/b/c:v1, 127.0.0.1:5000/a/b/c:v1",
    "[::1]:5000/a:t, [::1]:5000/a:t",
    "a/b@sha256:" + HEX + ", docker.io/a/b@sha256:" + HEX,
    "a/b:t@sha256:" + HEX + ", docker.io/a/b:t@sha256:" + HEX,
    "a__b/c-d.e, docker.io/a__b/c-d.e:latest",
  })
  void namesAreReadWithDockersDefaults(String text, String whole) {
    assertThat(ImageReference.parse(text)).hasToString(whole);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":tag",
        "Upper/case",
        "a/b:",
        "a/b:-tag",
        "a//b",
        "a/../b",
        "a/b@sha256:123",
        "a/b@md5:abc",
        "a b",
        "a/b:t?x=1",
        "registry:99999999/a",
        "-a/b",
        "quay.io/",
      })
  void whatIsNoNameIsRefused(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 5000})
  void aNameIsNeverLongerThanTheGrammarAllows(int length) {
    String path = "a".repeat(length);
    if (length < 255) {
      assertThat(ImageReference.parse("quay.io/" + path).repository().path()).isEqualTo(path);
    } else {
      assertThatThrownBy(() -> ImageReference.parse("quay.io/" + path)).hasMessageContaining("255");
    }
  }
}

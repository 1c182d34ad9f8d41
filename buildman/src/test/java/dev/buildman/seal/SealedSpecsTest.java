package dev.buildman.seal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.proto.stored.StoredSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SealedSpecsTest {

  private static final BuildId ID = BuildId.random();

  private static final Annotations ANNOTATIONS = new Annotations("their-7", Map.of("k", "v"));

  private final SealedSpecs specs = sealedBy("the secret of this installation");

  @ParameterizedTest
  @MethodSource("sources")
  void opens_the_spec_that_it_sealed(Source source) {
    BuildSpec spec = spec(source, "canary");
    assertThat(specs.open(ID, specs.seal(ID, spec, ANNOTATIONS))).isEqualTo(new Opened.Whole(spec));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void stores_and_shows_no_secret(Source source) {
    byte[] stored = specs.seal(ID, spec(source, "canary"), ANNOTATIONS);
    assertThat(new String(stored, ISO_8859_1)).doesNotContain("canary");
    BuildSpec shown = SealedSpecs.shown(stored).orElseThrow().spec();
    assertThat(shown.toString()).doesNotContain("canary");
    assertThat(shown.push()).isEqualTo(new Credentials("pusher", Secret.NONE));
    assertThat(spec(source, "canary").toString()).doesNotContain("canary");
  }

  @Test
  void shows_a_package_url_without_user_and_query() {
    Source source =
        new Source.PackageUrl(Secret.of("https://me:canary@host:8443/a%20b.tgz?sig=canary#canary"));
    assertThat(shown(source)).isEqualTo("https://host:8443/a%20b.tgz");
    Source data = new Source.PackageUrl(Secret.of("data:application/gzip;base64,canary"));
    assertThat(shown(data)).isEqualTo("data:application/gzip;base64");
  }

  @Test
  void names_the_secret_whose_key_was_rotated_away() {
    byte[] stored = specs.seal(ID, spec(new Source.Inline("FROM scratch"), "canary"), ANNOTATIONS);
    assertThat(sealedBy("another secret").open(ID, stored))
        .isIn(
            new Opened.SecretGone("push.password"),
            new Opened.SecretGone("pull.quay.example:443.password"));
  }

  @Test
  void does_not_open_for_another_build() {
    byte[] stored = specs.seal(ID, spec(new Source.Inline("FROM scratch"), "canary"), ANNOTATIONS);
    assertThat(specs.open(BuildId.random(), stored)).isInstanceOf(Opened.SecretGone.class);
  }

  @Test
  void says_broken_for_bytes_that_are_no_spec() {
    byte[] broken = "broken".getBytes(UTF_8);
    assertThat(specs.open(ID, broken)).isEqualTo(new Opened.Broken());
    assertThat(SealedSpecs.shown(broken)).isEmpty();
    assertThat(specs.open(ID, new byte[0])).isEqualTo(new Opened.Broken());
  }

  @Test
  void fingerprints_differ_by_what_is_asked_for_and_not_by_secrets() {
    Source inline = new Source.Inline("FROM scratch");
    byte[] first = SealedSpecs.fingerprint(spec(inline, "one"), ANNOTATIONS);
    assertThat(SealedSpecs.fingerprint(spec(inline, "two"), ANNOTATIONS)).isEqualTo(first);
    assertThat(SealedSpecs.fingerprint(spec(new Source.Inline("FROM busybox"), "one"), ANNOTATIONS))
        .isNotEqualTo(first);
    assertThat(new String(first, ISO_8859_1)).doesNotContain("one");
  }

  @Test
  void a_signature_of_a_package_url_does_not_count_but_the_data_of_a_data_url_does() {
    assertThat(fingerprint("https://host/x?sig=1")).isEqualTo(fingerprint("https://host/x?sig=2"));
    assertThat(fingerprint("https://host/x")).isNotEqualTo(fingerprint("https://host/y"));
    assertThat(fingerprint("data:,FROM%20a")).isNotEqualTo(fingerprint("data:,FROM%20b"));
  }

  private static byte[] fingerprint(String url) {
    Source source = new Source.PackageUrl(Secret.of(url));
    return SealedSpecs.fingerprint(spec(source, "x"), ANNOTATIONS);
  }

  @Test
  void hands_back_what_the_client_noted() {
    byte[] stored = specs.seal(ID, spec(new Source.Inline("FROM scratch"), "x"), ANNOTATIONS);
    assertThat(SealedSpecs.shown(stored).orElseThrow().annotations()).isEqualTo(ANNOTATIONS);
  }

  @Test
  void a_password_does_not_open_once_its_registry_was_changed_in_redis() throws Exception {
    byte[] stored = specs.seal(ID, spec(new Source.Inline("FROM scratch"), "canary"), ANNOTATIONS);
    byte[] redirected =
        StoredSpec.parseFrom(stored).toBuilder().setRegistry("evil.example").build().toByteArray();
    assertThat(specs.open(ID, redirected)).isEqualTo(new Opened.SecretGone("push.password"));
  }

  @Test
  void a_build_secret_does_not_open_for_another_dockerfile() throws Exception {
    byte[] stored = specs.seal(ID, spec(new Source.Inline("FROM scratch"), "canary"), ANNOTATIONS);
    byte[] other =
        StoredSpec.parseFrom(stored).toBuilder()
            .setInlineDockerfile("FROM evil")
            .build()
            .toByteArray();
    assertThat(specs.open(ID, other))
        .isIn(
            new Opened.SecretGone("secrets.bytes"),
            new Opened.SecretGone("secrets.text"),
            new Opened.SecretGone("ssh_keys.default"));
  }

  static Stream<Source> sources() {
    return Stream.of(
        new Source.PackageUrl(Secret.of("https://host/archive.tgz?signature=canary")),
        new Source.Git("git@host:a/b.git", "main", Secret.of("canary\n"), Secret.NONE),
        new Source.Git("https://host/a/b.git", "", Secret.NONE, Secret.of("canary")),
        new Source.Git(
            "git@host:a", "", Secret.NONE, Secret.NONE, new Source.GitTrust("h k v", false)),
        new Source.PackageUrl(Secret.of("https://h/a"), "sha256:" + "1".repeat(64)),
        new Source.Image("quay.example/a/b:1"),
        new Source.Inline("FROM scratch"),
        new Source.Uploaded("sha256:" + "0".repeat(64)));
  }

  private static BuildSpec spec(Source source, String secret) {
    return new BuildSpec(
        RepositoryName.parse("acme/app"),
        "registry.example:5000",
        List.of("latest", "v1"),
        source,
        "sub",
        "sub/Dockerfile.prod",
        Map.of("A", "1", "B", "2"),
        Map.of("org.example", "x"),
        "runtime",
        true,
        new Credentials("pusher", Secret.of(secret)),
        Map.of("quay.example:443", new Credentials("puller", Secret.of(secret))),
        new EngineNeeds(
            List.of("linux/arm64"),
            Map.of("bytes", Secret.ofBytes(new byte[] {0, (byte) 0xff}), "text", Secret.of(secret)),
            Map.of("default", Secret.of(secret)),
            new EngineNeeds.Cache(List.of("a/from"), List.of("a/to")),
            new EngineNeeds.RunLimits(500, 1 << 30)));
  }

  private String shown(Source source) {
    BuildSpec shown =
        SealedSpecs.shown(specs.seal(ID, spec(source, "canary"), ANNOTATIONS)).orElseThrow().spec();
    return ((Source.PackageUrl) shown.source()).url().reveal();
  }

  private static SealedSpecs sealedBy(String secret) {
    return new SealedSpecs(Sealer.of(List.of(secret.getBytes(UTF_8))));
  }
}

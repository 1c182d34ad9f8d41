package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.intake.BuildRequest.RequestedCredentials;
import dev.buildman.intake.BuildRequest.RequestedSource;
import dev.buildman.intake.RequestCheck.Checked;
import dev.buildman.intake.RequestCheck.Verdict;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestCheckTest {

  private static final Secret CANARY = Secret.of("canary-secret");

  @Test
  void a_plain_request_passes_with_its_defaults_filled_in() {
    Checked checked = good(Requests.inline());
    assertThat(checked.spec().registry()).isEqualTo("registry.example");
    assertThat(checked.spec().tags()).containsExactly("latest");
  }

  @Test
  void every_broken_field_is_named_at_once() {
    Requests request =
        Requests.inline()
            .id("NOT-A-UUID")
            .repository("no-namespace")
            .registry("http://registry")
            .tags("good", ".bad")
            .sources()
            .context("../up")
            .dockerfile("/etc/passwd")
            .buildArgs(Map.of("1X", "v"))
            .labels(Map.of("a b", "v"))
            .target("-x")
            .push(new RequestedCredentials("me:you", CANARY))
            .priority(101)
            .tries(-1)
            .timeout(Duration.ofMillis(-5));
    assertThat(bad(request))
        .extracting(Violation::field)
        .containsExactlyInAnyOrder(
            "build_id",
            "spec.repository",
            "spec.registry",
            "spec.tags[1]",
            "spec.source",
            "spec.context",
            "spec.dockerfile",
            "spec.build_args[1X]",
            "spec.labels[a b]",
            "spec.target",
            "spec.push_credentials.username",
            "priority",
            "tries",
            "timeout");
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "/app", "acme/", "acme/App", "acme/a//b", "acme/-x", "a b/c", ""})
  void a_malformed_repository_is_refused(String repository) {
    assertThat(fields(Requests.inline().repository(repository))).containsExactly("spec.repository");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-x", ".x", "a b", "a/b", "a:b", "ä"})
  void a_malformed_tag_is_refused(String tag) {
    assertThat(fields(Requests.inline().tags(tag))).containsExactly("spec.tags[0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://host",
        "host/path",
        "host:0",
        "host:65536",
        "host:x",
        "me@host",
        "-host",
        "[::1"
      })
  void a_malformed_registry_is_refused(String registry) {
    assertThat(fields(Requests.inline().registry(registry))).containsExactly("spec.registry");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:5000", "127.0.0.1:443", "quay.io", "[::1]:5000", "a-b.c"})
  void a_registry_is_a_host_with_or_without_a_port(String registry) {
    assertThat(good(Requests.inline().registry(registry)).spec().registry()).isEqualTo(registry);
  }

  @Test
  void a_registry_must_be_named_where_the_manager_has_no_default() {
    Verdict verdict = RequestCheck.check(Requests.inline().build(), "", _ -> false);
    assertThat(((Verdict.Bad) verdict).violations())
        .singleElement()
        .satisfies(violation -> assertThat(violation.text()).contains("SERVER_HOSTNAME"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ABCDEF00-0000-4000-8000-000000000000",
        "abcdef00-0000-4000-8000",
        "abcdef0000004000800000000000000000",
        "../etc/passwd"
      })
  void a_malformed_build_id_is_refused(String id) {
    assertThat(fields(Requests.inline().id(id))).containsExactly("build_id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "a/../../x", "/", "/abs", "a/..", "a\\..\\..\\x", "a\nb"})
  void a_path_that_escapes_is_refused(String path) {
    Requests request = Requests.git("https://host/a/b");
    assertThat(fields(request.context(path))).containsExactly("spec.context");
    assertThat(fields(Requests.git("https://host/a/b").dockerfile(path)))
        .containsExactly("spec.dockerfile");
  }

  @ParameterizedTest
  @CsvSource({"., ''", "./a//b/, a/b", "a/..b, a/..b", "docker/Dockerfile, docker/Dockerfile"})
  void a_path_is_normalised(String path, String expected) {
    Requests request = Requests.git("https://host/a/b").context(path);
    assertThat(good(request).spec().context()).isEqualTo(expected);
  }

  @Test
  void two_sources_are_refused() {
    Requests request =
        Requests.inline()
            .sources(
                new RequestedSource.Inline("FROM scratch"),
                new RequestedSource.Uploaded("sha256:"));
    assertThat(bad(request))
        .singleElement()
        .satisfies(violation -> assertThat(violation.text()).contains("one source, not 2"));
  }

  @Test
  void an_inline_dockerfile_has_no_context_that_could_be_dropped_in_silence() {
    assertThat(fields(Requests.inline().context("sub").dockerfile("Dockerfile")))
        .containsExactlyInAnyOrder("spec.context", "spec.dockerfile");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  \n", "FROM\0"})
  void an_empty_inline_dockerfile_is_refused(String dockerfile) {
    assertThat(fields(Requests.inline().sources(new RequestedSource.Inline(dockerfile))))
        .containsExactly("spec.inline_dockerfile");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256:", "sha256:XYZ", "md5:0123", "sha256:../../../../etc/passwd"})
  void an_upload_is_named_by_its_digest(String digest) {
    assertThat(fields(Requests.inline().sources(new RequestedSource.Uploaded(digest))))
        .containsExactly("spec.uploaded_source");
  }

  @Test
  void an_upload_that_is_not_there_is_refused_before_a_worker_looks_for_it() {
    String digest = "sha256:" + "0".repeat(64);
    assertThat(bad(Requests.inline().sources(new RequestedSource.Uploaded(digest))))
        .singleElement()
        .satisfies(violation -> assertThat(violation.text()).contains("upload it"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://host/x",
        "file:///etc/passwd",
        "host/x.tgz",
        "http:///x",
        "http://a b/",
        "",
        "-x",
        "data:text/html,x",
        "data:text/plain"
      })
  void a_package_url_is_http_or_a_source_in_a_data_url(String url) {
    assertThat(fields(Requests.inline().sources(new RequestedSource.PackageUrl(Secret.of(url)))))
        .containsExactly("spec.package_url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://host/x.tgz?sig=1",
        "HTTP://host:8080/x",
        "data:,FROM%20scratch",
        "data:application/gzip;base64,AAAA",
        "data:text/plain;charset=utf-8,FROM"
      })
  void a_package_url_may_be_signed_or_hold_the_data(String url) {
    Requests request = Requests.inline().sources(new RequestedSource.PackageUrl(Secret.of(url)));
    assertThat(good(request).spec().source()).isEqualTo(new Source.PackageUrl(Secret.of(url)));
  }

  @Test
  void a_private_key_gets_the_newline_that_openssh_wants() {
    Secret key =
        Secret.of("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----");
    RequestedSource git =
        new RequestedSource.Git(Secret.of("git@host:a/b.git"), "main", key, Secret.NONE);
    Source.Git source = (Source.Git) good(Requests.inline().sources(git)).spec().source();
    assertThat(source.privateKey().reveal()).isEqualTo(key.reveal() + "\n");
  }

  @Test
  void host_keys_are_lines_of_known_hosts_and_for_ssh() {
    String line = "host.example,10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me";
    String lines = "# from ssh-keyscan\n" + line + "\n";
    assertThat(good(git("git@host:a", lines)).spec().source())
        .isInstanceOfSatisfying(
            Source.Git.class, git -> assertThat(git.trust().knownHosts()).isEqualTo(lines));
    assertThat(fields(git("https://host/a", line))).containsExactly("spec.git.known_hosts");
    assertThat(fields(git("git@host:a", "AAAAC3NzaC1lZDI1NTE5AAAAI")))
        .containsExactly("spec.git.known_hosts");
    assertThat(fields(git("git@host:a", "# nothing\n"))).containsExactly("spec.git.known_hosts");
  }

  private static Requests git(String url, String knownHosts) {
    return Requests.inline()
        .sources(
            new RequestedSource.Git(
                Secret.of(url),
                "",
                Secret.NONE,
                Secret.NONE,
                new Source.GitTrust(knownHosts, true)));
  }

  @Test
  void a_packages_digest_is_a_whole_sha256() {
    Secret url = Secret.of("https://host/x.tgz");
    String digest = "sha256:" + "0".repeat(64);
    assertThat(good(Requests.inline().sources(new RequestedSource.PackageUrl(url, digest))).spec())
        .extracting(BuildSpec::source)
        .isEqualTo(new Source.PackageUrl(url, digest));
    assertThat(fields(Requests.inline().sources(new RequestedSource.PackageUrl(url, "sha256:00"))))
        .containsExactly("spec.package_digest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "busybox",
        "quay.example:8443/org/app:v1",
        "localhost/a__b",
        "[::1]:5000/a@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      })
  void an_image_to_copy_is_named_as_everywhere(String reference) {
    Requests request = Requests.inline().sources(new RequestedSource.Image(reference));
    assertThat(good(request).spec().source()).isEqualTo(new Source.Image(reference));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-x",
        "https://h/a",
        "h/A",
        "h/a:",
        "h/a@sha256:0",
        "h/a b",
        "oci:/etc",
        "h//a"
      })
  void what_names_no_image_of_a_registry_is_refused(String reference) {
    assertThat(fields(Requests.inline().sources(new RequestedSource.Image(reference))))
        .containsExactly("spec.source_image");
  }

  @Test
  void what_a_copy_would_drop_is_refused() {
    Requests request =
        Requests.inline()
            .sources(new RequestedSource.Image("busybox"))
            .context("c")
            .dockerfile("d")
            .target("t")
            .labels(Map.of("a", "b"))
            .buildArgs(Map.of("A", "b"))
            .needs(
                new EngineNeeds(
                    List.of("linux/arm64"),
                    Map.of("id", CANARY),
                    Map.of(),
                    new EngineNeeds.Cache(List.of("a/b"), List.of("a/c")),
                    new EngineNeeds.RunLimits(1000, 0)));
    assertThat(fields(request))
        .containsExactlyInAnyOrder(
            "spec.context",
            "spec.dockerfile",
            "spec.target",
            "spec.labels",
            "spec.build_args",
            "spec.platforms",
            "spec.secrets",
            "spec.cache_from",
            "spec.cache_to",
            "spec.run_limits");
  }

  @Test
  void a_secret_that_the_url_cannot_use_is_refused_not_dropped() {
    Secret key = Secret.of("-----BEGIN X");
    RequestedSource http =
        new RequestedSource.Git(Secret.of("https://host/a"), "", key, Secret.NONE);
    assertThat(fields(Requests.inline().sources(http))).containsExactly("spec.git.private_key");
    RequestedSource ssh =
        new RequestedSource.Git(Secret.of("git@host:a"), "", Secret.NONE, Secret.of("t"));
    assertThat(fields(Requests.inline().sources(ssh))).containsExactly("spec.git.token");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-x", "a..b", "a b", "a:b", "a~1", "a^", "/a", "a/", "a.lock", "@{x", "a\\b", "*"})
  void a_ref_that_git_would_take_for_something_else_is_refused(String ref) {
    RequestedSource git =
        new RequestedSource.Git(Secret.of("https://host/a"), ref, Secret.NONE, Secret.NONE);
    assertThat(fields(Requests.inline().sources(git))).containsExactly("spec.git.ref");
  }

  @ParameterizedTest
  @ValueSource(ints = {-101, 101, Integer.MIN_VALUE})
  void a_priority_out_of_bounds_is_refused(int priority) {
    assertThat(fields(Requests.inline().priority(priority))).containsExactly("priority");
  }

  @Test
  void the_bounds_themselves_are_allowed() {
    Requests request = Requests.inline().priority(-100).tries(100).timeout(Duration.ofDays(7));
    assertThat(good(request).priority()).isEqualTo(-100);
  }

  @Test
  void no_violation_ever_shows_a_secret() {
    RequestedSource git =
        new RequestedSource.Git(
            Secret.of("https://me:canary-secret@host/a"),
            "",
            CANARY,
            Secret.of("canary-secret \n"));
    Requests request =
        Requests.inline()
            .sources(git)
            .push(new RequestedCredentials("a:b", CANARY))
            .pull(Map.of("bad host", new RequestedCredentials("", CANARY)));
    assertThat(bad(request).toString()).doesNotContain("canary");
    assertThat(request.build().toString()).doesNotContain("canary");
  }

  private static Checked good(Requests request) {
    Verdict verdict = RequestCheck.check(request.build(), "registry.example", _ -> false);
    assertThat(verdict).isInstanceOf(Verdict.Good.class);
    return ((Verdict.Good) verdict).request();
  }

  private static List<Violation> bad(Requests request) {
    Verdict verdict = RequestCheck.check(request.build(), "registry.example", _ -> false);
    assertThat(verdict).isInstanceOf(Verdict.Bad.class);
    return ((Verdict.Bad) verdict).violations();
  }

  private static List<String> fields(Requests request) {
    return bad(request).stream().map(Violation::field).toList();
  }
}

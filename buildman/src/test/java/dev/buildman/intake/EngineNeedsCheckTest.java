package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.EngineNeeds;
import dev.buildman.model.EngineNeeds.Cache;
import dev.buildman.model.EngineNeeds.RunLimits;
import dev.buildman.model.Secret;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineNeedsCheckTest {

  private static final Secret KEY = Secret.of("-----BEGIN OPENSSH PRIVATE KEY-----\n");

  @Test
  void passes_what_is_well_formed_and_builds_no_platform_twice() {
    var needs =
        new EngineNeeds(
            List.of("linux/amd64", "linux/arm/v7", "linux/amd64"),
            Map.of("npm-rc", Secret.of("x")),
            Map.of("default", KEY),
            new Cache(List.of("acme/app", "quay.example:5000/acme/app:cache"), List.of("a/b")),
            new RunLimits(500, 64 << 20));
    Violations violations = new Violations();
    EngineNeeds checked = new EngineNeedsCheck(violations).check(needs);
    assertThat(violations.all()).isEmpty();
    assertThat(checked.platforms()).containsExactly("linux/amd64", "linux/arm/v7");
    assertThat(checked.secrets()).isEqualTo(needs.secrets());
    assertThat(checked.cache()).isEqualTo(needs.cache());
  }

  @Test
  void names_every_field_at_fault_and_no_secret() {
    Secret large = Secret.of("canary".repeat(100_000));
    var needs =
        new EngineNeeds(
            List.of("linux/amd64", "linux"),
            Map.of("big", large, "canary id", Secret.of("x")),
            Map.of("default", Secret.of("canary")),
            new Cache(List.of("acme/App"), List.of("https://x/y")),
            new RunLimits(1, 1));
    assertThat(bad(needs))
        .extracting(Violation::field)
        .containsExactlyInAnyOrder(
            "spec.platforms[1]",
            "spec.secrets[big]",
            "spec.secrets",
            "spec.ssh_keys[default]",
            "spec.cache_from[0]",
            "spec.cache_to[0]",
            "spec.run_limits.cpu_millis",
            "spec.run_limits.memory_bytes");
    assertThat(bad(needs).toString()).doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"windows/amd64", "linux/", "linux/a/b/c", "amd64", "linux/AMD64", ""})
  void refuses_a_malformed_platform(String platform) {
    var needs =
        new EngineNeeds(
            List.of(platform), Map.of(), Map.of(), Cache.NONE, EngineNeeds.RunLimits.NONE);
    assertThat(bad(needs)).hasSize(1);
  }

  @Test
  void bounds_all_secrets_together() {
    Secret most = Secret.of("x".repeat(500 << 10));
    var needs =
        new EngineNeeds(
            List.of(),
            Map.of("a", most, "b", most, "c", most),
            Map.of(),
            Cache.NONE,
            EngineNeeds.RunLimits.NONE);
    assertThat(bad(needs)).extracting(Violation::field).containsExactly("spec.secrets");
  }

  private static List<Violation> bad(EngineNeeds needs) {
    Violations violations = new Violations();
    new EngineNeedsCheck(violations).check(needs);
    return violations.all();
  }
}

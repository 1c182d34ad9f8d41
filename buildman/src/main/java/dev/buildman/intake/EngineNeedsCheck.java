package dev.buildman.intake;

import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Checks what is asked of the engine, field by field. */
final class EngineNeedsCheck {

  private static final int MOST_ENTRIES = 64;

  /** BuildKit's own limit. */
  private static final int LARGEST_SECRET = 500 << 10;

  /** All of a build has to fit into one message to its agent. */
  private static final int ALL_SECRETS = 1 << 20;

  /** Docker's smallest: a shell does not start with less. */
  private static final long LEAST_MEMORY = 6L << 20;

  private static final int LEAST_CPU = 10;
  private static final Pattern PLATFORM =
      Pattern.compile("linux/[a-z0-9_]{1,32}(?:/[a-z0-9.]{1,16})?");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}");
  private static final Pattern IMAGE =
      Pattern.compile(
          "(?:[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+){0,32}"
              + "(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?");

  private final Violations violations;

  EngineNeedsCheck(Violations violations) {
    this.violations = violations;
  }

  EngineNeeds check(EngineNeeds needs) {
    list(
        "spec.platforms",
        needs.platforms(),
        PLATFORM,
        "a platform is linux/architecture[/variant], such as linux/arm64");
    String image = "a cache is [registry/]namespace/name[:tag]";
    list("spec.cache_from", needs.cache().from(), IMAGE, image);
    list("spec.cache_to", needs.cache().to(), IMAGE, image);
    secrets("spec.secrets", needs.secrets());
    secrets("spec.ssh_keys", needs.sshKeys());
    needs.sshKeys().forEach(this::key);
    violations.require(
        bytes(needs.secrets()) + bytes(needs.sshKeys()) <= ALL_SECRETS,
        "spec.secrets",
        "at most 1 MiB of secrets and SSH keys in all");
    limits(needs.limits());
    return new EngineNeeds(
        needs.platforms().stream().distinct().toList(),
        needs.secrets(),
        needs.sshKeys(),
        needs.cache(),
        needs.limits());
  }

  private void list(String field, List<String> values, Pattern allowed, String text) {
    violations.require(
        values.size() <= MOST_ENTRIES, field, "at most " + MOST_ENTRIES + " entries");
    for (int i = 0; i < Math.min(values.size(), MOST_ENTRIES); i++) {
      violations.require(allowed.matcher(values.get(i)).matches(), field + "[" + i + "]", text);
    }
  }

  private void secrets(String field, Map<String, Secret> secrets) {
    violations.require(
        secrets.size() <= MOST_ENTRIES, field, "at most " + MOST_ENTRIES + " entries");
    secrets.forEach(
        (id, secret) -> {
          boolean good = ID.matcher(id).matches();
          violations.require(
              good, field, "an id is 1 to 128 letters, digits, '_', '.', '-' and '/'");
          violations.require(
              secret.reveal().length() <= LARGEST_SECRET,
              good ? field + "[" + id + "]" : field,
              "at most 500 KiB");
        });
  }

  private void key(String id, Secret key) {
    violations.require(
        key.reveal().contains("PRIVATE KEY-----"),
        ID.matcher(id).matches() ? "spec.ssh_keys[" + id + "]" : "spec.ssh_keys",
        "this is no private key in the form of OpenSSH or PEM");
  }

  private static long bytes(Map<String, Secret> secrets) {
    return secrets.values().stream().mapToLong(secret -> secret.reveal().length()).sum();
  }

  private void limits(EngineNeeds.RunLimits limits) {
    violations.require(
        limits.cpuMillis() == 0 || limits.cpuMillis() >= LEAST_CPU,
        "spec.run_limits.cpu_millis",
        "at least 10, or 0 for no limit");
    violations.require(
        limits.memoryBytes() == 0 || limits.memoryBytes() >= LEAST_MEMORY,
        "spec.run_limits.memory_bytes",
        "at least 6 MiB, or 0 for no limit");
  }
}

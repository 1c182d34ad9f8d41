package dev.buildman.cli;

import java.util.Map;

/**
 * What a field of the API is called on the command line, so that a complaint names what was typed.
 */
final class OptionNames {

  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("spec.repository", "--tag"),
          Map.entry("spec.registry", "--tag"),
          Map.entry("spec.tags", "--tag"),
          Map.entry("spec.context", "--context"),
          Map.entry("spec.dockerfile", "--file"),
          Map.entry("spec.build_args", "--build-arg"),
          Map.entry("spec.labels", "--label"),
          Map.entry("spec.target", "--target"),
          Map.entry("spec.git.url", "SOURCE"),
          Map.entry("spec.git.ref", "SOURCE"),
          Map.entry("spec.git.private_key", "--git-key"),
          Map.entry("spec.git.token", "--git-token-file"),
          Map.entry("spec.package_url", "SOURCE"),
          Map.entry("spec.inline_dockerfile", "SOURCE"),
          Map.entry("spec.push_credentials.username", "--push-user"),
          Map.entry("spec.push_credentials.password", "--push-password-file"),
          Map.entry("spec.base_image_credentials", "--docker-config"),
          Map.entry("spec.platforms", "--platform"),
          Map.entry("spec.secrets", "--secret"),
          Map.entry("spec.ssh_keys", "--ssh"),
          Map.entry("spec.cache_from", "--cache-from"),
          Map.entry("spec.cache_to", "--cache-to"),
          Map.entry("spec.run_limits.cpu_millis", "--run-cpus"),
          Map.entry("spec.run_limits.memory_bytes", "--run-memory"),
          Map.entry("priority", "--priority"),
          Map.entry("tries", "--tries"),
          Map.entry("timeout", "--timeout"),
          Map.entry("metadata", "--metadata"),
          Map.entry("idempotency_key", "--idempotency-key"),
          Map.entry("build_id", "ID"));

  private OptionNames() {}

  static String of(String field) {
    int bracket = field.indexOf('[');
    String name = bracket < 0 ? field : field.substring(0, bracket);
    String entry = bracket < 0 ? "" : field.substring(bracket);
    String option = NAMES.get(name);
    return option == null ? field : option + (entry.matches("\\[\\d+]") ? "" : entry);
  }
}

package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Limits;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The settings that may change while a manager runs.
 *
 * @param capacity {@code ALLOWED_WORKER_COUNT}, {@code BUILDS_PER_*}
 */
public record Reloadable(Limits.Capacity capacity, List<Secret> apiTokens, Level level) {

  /** How much is logged. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  private static final Pattern PATHS =
      Pattern.compile(
          "BUILD_MANAGER\\[1]\\.ALLOWED_WORKER_COUNT|BUILDMAN\\.BUILDS_PER_(REPOSITORY|NAMESPACE)"
              + "|BUILDMAN\\.(API_TOKEN|LOG_LEVEL).*");

  static Level level(ConfigMap ours) {
    return ours.choice("LOG_LEVEL", Level.INFO);
  }

  /** Whether a change of the key takes effect without a restart. */
  static boolean covers(String path) {
    return PATHS.matcher(path).matches();
  }

  @Override
  public String toString() {
    return "workers=%d, perRepository=%d, perNamespace=%d, apiTokens=%d, level=%s"
        .formatted(
            capacity.allowedWorkers(),
            capacity.perRepository(),
            capacity.perNamespace(),
            apiTokens.size(),
            level.name().toLowerCase(Locale.ROOT));
  }
}

package dev.buildman.buildlogs.redis;

import dev.buildman.model.BuildId;
import java.util.List;

/**
 * Names of a log's keys. The first is Quay's; the others share its slot of a cluster. Logs are
 * spread by build.
 */
final class LogKeys {
  private LogKeys() {}

  /** The list of lines; what is known of them; and the last half of a log that was cut. */
  static List<String> of(BuildId build) {
    String list = "builds/" + build + "/logs";
    return List.of(list, "{" + list + "}tail", "{" + list + "}last");
  }
}

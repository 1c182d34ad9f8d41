package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.ListBuildsRequest;
import dev.buildman.proto.v1.ListBuildsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Build ids as people type them: whole, or their first characters as {@code ps} shows them. */
final class BuildIds {

  /** How much of an id people are shown. */
  static final int SHORT = 8;

  private static final int WHOLE = 36;
  private static final int SHORTEST = 4;
  private static final int PAGE = 500;

  /** Older builds must be named by their whole id. */
  private static final int LOOKED_AT = 2000;

  private BuildIds() {}

  static String shortened(Build build) {
    return build.getId().length() > SHORT ? build.getId().substring(0, SHORT) : build.getId();
  }

  /** The whole id; throws {@link UsageException} when no build, or more than one, begins so. */
  static String resolve(BuildsClient client, String typed) {
    String text = typed.toLowerCase(Locale.ROOT);
    if (text.length() >= WHOLE || !text.matches("[0-9a-f-]+")) {
      return text;
    }
    if (text.length() < SHORTEST) {
      throw new UsageException("'%s' is too short for a build: give 4 characters".formatted(typed));
    }
    List<String> found = find(client, text);
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new UsageException(
        found.isEmpty()
            ? "no build begins with '%s'; 'buildman ps -a' lists them".formatted(typed)
            : "%d builds begin with '%s': give more of it".formatted(found.size(), typed));
  }

  private static List<String> find(BuildsClient client, String prefix) {
    List<String> found = new ArrayList<>();
    String token = "";
    int looked = 0;
    do {
      ListBuildsResponse page =
          client.listBuilds(
              ListBuildsRequest.newBuilder().setPageSize(PAGE).setPageToken(token).build());
      page.getBuildsList().stream()
          .map(Build::getId)
          .filter(id -> id.startsWith(prefix))
          .forEach(found::add);
      looked += page.getBuildsCount();
      token = page.getNextPageToken();
    } while (!token.isEmpty() && looked < LOOKED_AT);
    return found;
  }
}

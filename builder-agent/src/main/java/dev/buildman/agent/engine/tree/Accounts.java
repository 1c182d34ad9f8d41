package dev.buildman.agent.engine.tree;

import dev.buildman.agent.engine.tree.FileEntry.Owner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Users and groups of an image, from its {@code /etc/passwd} and {@code /etc/group}. */
public final class Accounts {

  private static final int MAX_BYTES = 4 << 20;

  private final FileTree tree;

  public Accounts(FileTree tree) {
    this.tree = tree;
  }

  /** Whether names have to be looked up for this value of {@code --chown}. */
  public static boolean hasNames(String chown) {
    return !chown.matches("[0-9]{1,10}(:[0-9]{1,10})?");
  }

  /**
   * The numbers of {@code user[:group]}; a user without a group gets the group of the same number,
   * or for a name its primary group.
   *
   * @throws TreeException when a name is not known in the image
   */
  public Owner owner(String chown) throws TreeException, IOException {
    int colon = chown.indexOf(':');
    String user = colon < 0 ? chown : chown.substring(0, colon);
    long uid =
        isNumber(user)
            ? Long.parseLong(user)
            : number(field("etc/passwd", user, 2), "user", user, "/etc/passwd");
    if (colon >= 0) {
      String group = chown.substring(colon + 1);
      return new Owner(
          uid,
          isNumber(group)
              ? Long.parseLong(group)
              : number(field("etc/group", group, 2), "group", group, "/etc/group"));
    }
    return new Owner(
        uid,
        isNumber(user) ? uid : number(field("etc/passwd", user, 3), "user", user, "/etc/passwd"));
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,10}");
  }

  private static long number(@Nullable String value, String kind, String name, String file)
      throws TreeException {
    if (value == null || !isNumber(value)) {
      throw new TreeException(
          "the " + kind + " " + name + " is not in " + file + " of the image; use its number");
    }
    return Long.parseLong(value);
  }

  private @Nullable String field(String file, String name, int index)
      throws TreeException, IOException {
    FileEntry entry = tree.get(tree.resolve(file));
    if (entry == null || !(entry.body() instanceof FileEntry.Regular(Content content, long size))) {
      return null;
    }
    try (InputStream in = content.open()) {
      String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        List<String> fields = List.of(line.split(":", -1));
        if (fields.size() > index && fields.getFirst().equals(name)) {
          return fields.get(index);
        }
      }
    }
    return null;
  }
}

package dev.buildman.agent.engine.tree;

import java.util.Map;

/**
 * One entry of a tree.
 *
 * @param body what it is
 * @param mode permission bits with setuid, setgid and sticky, at most 07777
 * @param owner who owns it
 * @param modified seconds since 1970
 * @param extended extended attributes as tar headers write them
 */
public record FileEntry(
    Body body, int mode, Owner owner, long modified, Map<String, String> extended) {

  /** What an entry is. */
  public sealed interface Body {}

  /** A directory. */
  public record Directory() implements Body {}

  /** A regular file of so many bytes. */
  public record Regular(Content content, long size) implements Body {}

  /** A symbolic link. */
  public record Link(String target) implements Body {}

  /** A device or pipe; {@code tarType} is its type flag in a tar header. */
  public record Special(byte tarType, int major, int minor) implements Body {}

  /** Numeric user and group. */
  public record Owner(long uid, long gid) {
    /** The superuser. */
    public static final Owner ROOT = new Owner(0, 0);
  }

  public FileEntry {
    extended = Map.copyOf(extended);
  }

  /** A directory of the superuser that everybody can read. */
  public static FileEntry directory(Owner owner, long modified) {
    return new FileEntry(new Directory(), 0755, owner, modified, Map.of());
  }

  /** A regular file of the superuser. */
  public static FileEntry regular(byte[] bytes, int mode, long modified) {
    return new FileEntry(
        new Regular(Content.ofBytes(bytes), bytes.length), mode, Owner.ROOT, modified, Map.of());
  }

  /** Whether it is a directory. */
  public boolean isDirectory() {
    return body instanceof Directory;
  }

  FileEntry with(int newMode, Owner newOwner) {
    return new FileEntry(body, newMode, newOwner, modified, extended);
  }
}

package dev.buildman.agent.engine.tree;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Copies entries into a tree as COPY does and keeps what changed: the entries of the next layer.
 * For one thread.
 */
public final class Copier {

  private final FileTree target;
  private final CopyRules rules;
  private final SortedMap<String, FileEntry> changes = new TreeMap<>();
  private final Map<Content, Content> copies = new IdentityHashMap<>();

  public Copier(FileTree target, CopyRules rules) {
    this.target = target;
    this.rules = rules;
  }

  /** What changed so far, parents first. */
  public SortedMap<String, FileEntry> changes() {
    return Collections.unmodifiableSortedMap(changes);
  }

  /**
   * Whether a destination without a trailing slash is a folder all the same, as it exists as one.
   */
  public boolean isFolder(String destination) throws TreeException {
    FileEntry entry = target.get(target.resolve(destination));
    return entry != null && entry.isDirectory();
  }

  /** The destination with all symbolic links followed. */
  public String resolve(String destination) throws TreeException {
    return target.resolve(destination);
  }

  /**
   * Copies one match: a folder's content into the destination, anything else to or into it.
   *
   * @param into whether the destination is a folder for it even if nothing exists there yet
   */
  public void copy(FileTree source, Sources.Match match, String destination, boolean into)
      throws TreeException {
    FileEntry entry = source.get(match.path());
    if (entry == null) {
      throw new TreeException(match.path() + " does not exist");
    }
    String base = rules.keepParents() ? FileTree.join(destination, match.parents()) : destination;
    if (entry.isDirectory()) {
      copyFolder(
          source,
          match.path(),
          entry,
          rules.keepParents() ? FileTree.join(base, match.name()) : base);
      return;
    }
    if (!rules.exclude().ignores(match.name())) {
      boolean inside = into || rules.keepParents() || isFolder(base);
      file(inside ? FileTree.join(base, match.name()) : base, entry);
    }
  }

  /** Copies one entry to a path, whose folders are made. */
  public void file(String destination, FileEntry entry) throws TreeException {
    String path = target.resolveParent(destination);
    makeFolders(parent(path), entry.modified());
    put(path, own(entry));
  }

  /** Makes a folder with its parents where they are missing; does nothing to those that exist. */
  public void makeFolders(String path, long modified) throws TreeException {
    if (path.isEmpty()) {
      return;
    }
    String resolved = target.resolve(path);
    FileEntry existing = target.get(resolved);
    if (existing == null) {
      makeFolders(parent(resolved), modified);
      set(resolved, FileEntry.directory(rules.ownerOfNewFolder(), modified));
    } else if (!existing.isDirectory()) {
      throw new TreeException(
          "/" + path + " is not a directory in the image, so nothing can be put below it");
    }
  }

  private void copyFolder(FileTree source, String from, FileEntry folder, String destination)
      throws TreeException {
    String to = target.resolve(destination);
    FileEntry existing = target.get(to);
    if (existing == null) {
      makeFolders(parent(to), folder.modified());
      set(to, rules.apply(folder));
    } else if (!existing.isDirectory()) {
      throw new TreeException(
          "/"
              + destination
              + " is not a directory in the image, so a directory cannot be copied to it");
    }
    for (Map.Entry<String, FileEntry> below : source.below(from).entrySet()) {
      String relative =
          from.isEmpty() ? below.getKey() : below.getKey().substring(from.length() + 1);
      if (!rules.exclude().ignores(relative)) {
        put(FileTree.join(to, relative), own(below.getValue()));
      }
    }
  }

  private void put(String path, FileEntry entry) throws TreeException {
    FileEntry existing = target.get(path);
    if (existing != null && existing.isDirectory() && !entry.isDirectory()) {
      throw new TreeException(
          "/" + path + " is a directory in the image, so a file cannot replace it");
    }
    if (existing != null && !existing.isDirectory() && entry.isDirectory()) {
      throw new TreeException(
          "/" + path + " is not a directory in the image, so a directory cannot be copied to it");
    }
    boolean same =
        existing != null
            && entry.isDirectory()
            && existing.mode() == entry.mode()
            && existing.owner().equals(entry.owner());
    if (!same) {
      makeFolders(parent(path), entry.modified());
      set(path, entry);
    }
  }

  /**
   * Hard links stay links of each other within one copy, not with what an earlier copy took from
   * the same file.
   */
  private FileEntry own(FileEntry entry) {
    FileEntry ruled = rules.apply(entry);
    if (!(ruled.body() instanceof FileEntry.Regular(Content content, long size))) {
      return ruled;
    }
    Content copy = copies.computeIfAbsent(content, original -> original::open);
    return new FileEntry(
        new FileEntry.Regular(copy, size),
        ruled.mode(),
        ruled.owner(),
        ruled.modified(),
        ruled.extended());
  }

  private void set(String path, FileEntry entry) {
    target.put(path, entry);
    changes.put(path, entry);
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}

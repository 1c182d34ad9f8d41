package dev.buildman.agent.engine.tree;

import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.tree.FileEntry.Owner;
import org.jspecify.annotations.Nullable;

/**
 * How files are copied.
 *
 * @param owner who owns the copies, null: as the source
 * @param mode what becomes of the permission bits, null: they are as the source's
 * @param exclude what is left out, relative to each source
 * @param keepParents whether the folders of a source path are kept below the destination ({@code
 *     --parents})
 */
public record CopyRules(
    @Nullable Owner owner, @Nullable FileMode mode, IgnoreFile exclude, boolean keepParents) {

  /** Everything as the source has it. */
  public static final CopyRules PLAIN = new CopyRules(null, null, IgnoreFile.NONE, false);

  FileEntry apply(FileEntry entry) {
    boolean link = entry.body() instanceof FileEntry.Link;
    FileMode change = link ? null : mode;
    return entry.with(
        change == null ? entry.mode() : change.apply(entry.mode(), entry.isDirectory()),
        owner == null ? entry.owner() : owner);
  }

  Owner ownerOfNewFolder() {
    return owner == null ? Owner.ROOT : owner;
  }
}

package dev.buildman.agent.engine.tree;

import dev.buildman.agent.dockerfile.PathPattern;
import dev.buildman.agent.engine.tree.Archive.Item;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Applies archives to a tree: layers with their whiteouts, or plain archives. */
public final class LayerReader {

  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private LayerReader() {}

  /**
   * Applies a layer of an image. Whiteouts hide what lower layers hold, never what the same layer
   * brings, wherever in it they stand.
   *
   * @throws TreeException when the layer cannot be read
   */
  public static void apply(Archive layer, FileTree tree) throws IOException, TreeException {
    List<Item> kept = new ArrayList<>();
    for (Item item : layer.items()) {
      String path = tree.resolveParent(PathPattern.clean(item.path()));
      String name = FileTree.name(path);
      String folder = path.substring(0, Math.max(0, path.length() - name.length() - 1));
      if (name.equals(OPAQUE)) {
        tree.removeBelow(folder);
      } else if (name.startsWith(WHITEOUT)) {
        tree.remove(FileTree.join(folder, name.substring(WHITEOUT.length())));
      } else {
        kept.add(item);
      }
    }
    put(kept, tree, false);
  }

  /**
   * A tree of an archive that ADD unpacks.
   *
   * @throws TreeException when it cannot be read, or an entry would leave the folder
   */
  public static FileTree read(Archive archive) throws IOException, TreeException {
    FileTree tree = new FileTree();
    put(archive.items(), tree, true);
    return tree;
  }

  private static void put(List<Item> items, FileTree tree, boolean strict) throws TreeException {
    for (Item item : items) {
      if (strict && escapes(item.path())) {
        throw new TreeException(
            "the archive holds the path " + item.path() + ", which leads out of it.");
      }
      String path = tree.resolveParent(PathPattern.clean(item.path()));
      FileEntry entry = item.entry();
      String hardLink = item.hardLink();
      if (hardLink != null) {
        entry = tree.get(tree.resolveParent(PathPattern.clean(hardLink)));
        if (entry == null) {
          throw new TreeException(
              "the archive links " + item.path() + " to " + hardLink + ", which is not there.");
        }
      }
      if (entry != null) {
        tree.put(path, entry);
      }
    }
  }

  private static boolean escapes(String path) {
    return List.of(path.split("/", -1)).contains("..");
  }
}

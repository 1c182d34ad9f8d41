package dev.buildman.agent.engine.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileTreeTest {

  static FileEntry text(String text) {
    return FileEntry.regular(text.getBytes(StandardCharsets.UTF_8), 0644, 7);
  }

  static FileEntry link(String target) {
    return new FileEntry(new FileEntry.Link(target), 0777, FileEntry.Owner.ROOT, 7, Map.of());
  }

  private static FileTree tree() {
    FileTree tree = new FileTree();
    tree.put("usr/bin/tool", text("tool"));
    tree.put("bin", link("usr/bin"));
    tree.put("abs", link("/usr"));
    tree.put("usr/up", link("../../../usr/bin"));
    tree.put("out", link("../../etc/passwd"));
    tree.put("loop", link("pool"));
    tree.put("pool", link("loop"));
    tree.put("usr-local", text("a name that sorts between usr and what is below it"));
    return tree;
  }

  @ParameterizedTest(name = "{0} leads to {1}")
  @CsvSource({
    "bin/tool, usr/bin/tool",
    "bin, usr/bin",
    "abs/bin/tool, usr/bin/tool",
    "usr/up/tool, usr/bin/tool",
    "out, etc/passwd",
    "bin/../x, usr/x",
    "../../bin/./tool, usr/bin/tool",
    "new/file, new/file",
    "bin/new/deep, usr/bin/new/deep",
  })
  void followsLinksInsideItselfOnly(String path, String expected) throws TreeException {
    assertThat(tree().resolve(path)).isEqualTo(expected);
  }

  @Test
  void keepsALinkAtTheEndWhenOnlyItsParentsAreAskedFor() throws TreeException {
    assertThat(tree().resolveParent("bin")).isEqualTo("bin");
    assertThat(tree().resolveParent("bin/x")).isEqualTo("usr/bin/x");
  }

  @Test
  void refusesLinksThatLeadToEachOther() {
    assertThatThrownBy(() -> tree().resolve("loop/x"))
        .isInstanceOf(TreeException.class)
        .hasMessageContaining("too many symbolic links");
  }

  @Test
  void makesMissingParents() {
    FileTree tree = new FileTree();
    tree.put("a/b/c", text("c"));
    assertThat(tree.below("").keySet()).containsExactly("a", "a/b", "a/b/c");
  }

  @Test
  void listsOnlyWhatIsBelowAFolder() {
    assertThat(tree().below("usr").keySet()).containsExactly("usr/bin", "usr/bin/tool", "usr/up");
  }

  @Test
  void losesWhatIsBelowAFolderThatBecomesAFile() {
    FileTree tree = tree();
    tree.put("usr/bin", text("file"));
    assertThat(tree.get("usr/bin/tool")).isNull();
    tree.remove("usr");
    assertThat(tree.below("usr")).isEmpty();
    assertThat(tree.get("usr-local")).isNotNull();
  }

  @Test
  void aCopyChangesOnItsOwn() {
    FileTree tree = tree();
    FileTree copy = tree.copy();
    copy.remove("bin");
    assertThat(tree.get("bin")).isNotNull();
  }
}

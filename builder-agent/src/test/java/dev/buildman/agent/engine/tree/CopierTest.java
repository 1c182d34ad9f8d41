package dev.buildman.agent.engine.tree;

import static dev.buildman.agent.engine.tree.FileTreeTest.link;
import static dev.buildman.agent.engine.tree.FileTreeTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.tree.FileEntry.Owner;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopierTest {

  private final FileTree context = new FileTree();
  private final FileTree image = new FileTree();

  CopierTest() {
    context.put("a", text("a"));
    context.put("src/main.c", text("main"));
    context.put("src/lib/util.c", text("util"));
    context.put("src/link", link("main.c"));
    context.put("shortcut", link("src"));
    image.put("opt/app/old", text("old"));
    image.put("bin", link("usr/bin"));
    image.put("usr/bin/sh", text("sh"));
  }

  private SortedMap<String, FileEntry> copy(
      CopyRules rules, String source, String destination, boolean into) throws Exception {
    Copier copier = new Copier(image, rules);
    for (Sources.Match match : Sources.find(context, source, 1)) {
      copier.copy(context, match, destination, into);
    }
    return copier.changes();
  }

  private SortedMap<String, FileEntry> copy(String source, String destination, boolean into)
      throws Exception {
    return copy(CopyRules.PLAIN, source, destination, into);
  }

  @Test
  void aFileGoesToTheDestinationOrIntoItWhenItIsAFolder() throws Exception {
    assertThat(copy("a", "x", false)).containsOnlyKeys("x");
    assertThat(copy("a", "new", true)).containsOnlyKeys("new", "new/a");
    assertThat(copy("a", "opt/app", false)).containsOnlyKeys("opt/app/a");
    assertThat(copy("src/main.c", "deep/er/b", false))
        .containsOnlyKeys("deep", "deep/er", "deep/er/b");
  }

  @Test
  void aFolderGivesItsContent() throws Exception {
    assertThat(copy("src", "opt/app", false))
        .containsOnlyKeys("opt/app/lib", "opt/app/lib/util.c", "opt/app/link", "opt/app/main.c");
    assertThat(copy("", "all", false))
        .containsKeys("all", "all/a", "all/shortcut", "all/src/lib/util.c");
  }

  @Test
  void aSourceThatIsALinkIsFollowedAndALinkInAFolderIsKept() throws Exception {
    assertThat(copy("shortcut", "x", false))
        .containsOnlyKeys("x", "x/lib", "x/lib/util.c", "x/link", "x/main.c");
    SortedMap<String, FileEntry> changes = copy("src", "y", false);
    assertThat(changes.get("y/link").body()).isEqualTo(new FileEntry.Link("main.c"));
    SortedMap<String, FileEntry> file = copy("src/link", "z", false);
    assertThat(file.get("z").body()).isInstanceOf(FileEntry.Regular.class);
  }

  @Test
  void linksOfTheImageAreFollowedInTheDestination() throws Exception {
    assertThat(copy("a", "bin", false)).containsOnlyKeys("usr/bin/a");
    assertThat(copy("a", "bin/b", false)).containsOnlyKeys("usr/bin/b");
  }

  @Test
  void nothingReplacesAFolderByAFileOrTheOtherWayRound() throws Exception {
    image.put("opt/app/lib", text("file"));
    assertThatThrownBy(() -> copy("src", "opt/app", false))
        .hasMessageContaining("/opt/app/lib is not a directory");
    image.put("opt/dir/a/x", text("x"));
    assertThatThrownBy(() -> copy("a", "opt/dir", true))
        .hasMessageContaining("/opt/dir/a is a directory");
    assertThatThrownBy(() -> copy("a", "usr/bin/sh/x", false))
        .hasMessageContaining("/usr/bin/sh is not a directory");
  }

  @Test
  void ownersAndModesGoToAllThatIsMadeButNotToLinksModes() throws Exception {
    CopyRules rules = new CopyRules(new Owner(5, 6), FileMode.parse("700"), IgnoreFile.NONE, false);
    SortedMap<String, FileEntry> changes = copy(rules, "src", "new/place", false);
    assertThat(changes.values()).allMatch(entry -> entry.owner().equals(new Owner(5, 6)));
    assertThat(changes.get("new/place/main.c").mode()).isEqualTo(0700);
    assertThat(changes.get("new/place").mode()).isEqualTo(0700);
    assertThat(changes.get("new").mode()).isEqualTo(0755);
    assertThat(changes.get("new/place/link").mode()).isEqualTo(0777);
  }

  @Test
  void whatIsExcludedStaysBehind() throws Exception {
    CopyRules rules =
        new CopyRules(null, null, IgnoreFile.ofPatterns(List.of("**/*.c", "!main.c"), 1), false);
    assertThat(copy(rules, "src", "x", false)).containsOnlyKeys("x", "x/lib", "x/link", "x/main.c");
  }

  @Test
  void parentsAreKeptWhereAskedFor() throws Exception {
    CopyRules rules = new CopyRules(null, null, IgnoreFile.NONE, true);
    assertThat(copy(rules, "src/lib/util.c", "x", true))
        .containsOnlyKeys("x", "x/src", "x/src/lib", "x/src/lib/util.c");
    assertThat(copy(rules, "src/./lib/util.c", "y", true))
        .containsOnlyKeys("y", "y/lib", "y/lib/util.c");
  }

  @Test
  void aFolderThatIsThereAsItIsComesInNoLayer() throws Exception {
    copy("src", "x", false);
    assertThat(copy("src", "x", false)).containsOnlyKeys("x/lib/util.c", "x/link", "x/main.c");
  }

  @Test
  void patternsFitNamesInOneFolder() throws Exception {
    assertThat(Sources.find(context, "src/*", 1))
        .extracting(Sources.Match::name)
        .containsExactly("lib", "link", "main.c");
    assertThat(Sources.find(context, "shortcut/*.c", 1))
        .extracting(Sources.Match::path)
        .containsExactly("src/main.c");
    assertThat(Sources.find(context, "*.none", 1)).isEmpty();
    assertThatThrownBy(() -> Sources.find(context, "nope", 1))
        .hasMessageContaining("nope does not exist");
  }

  @Test
  void hardLinksStayTogetherWithinOneCopyOnly() throws Exception {
    FileEntry shared = text("shared");
    context.put("h/1", shared);
    context.put("h/2", shared);
    SortedMap<String, FileEntry> first = copy("h", "one", false);
    assertThat(content(first, "one/1")).isSameAs(content(first, "one/2"));
    assertThat(content(copy("h", "two", false), "two/1")).isNotSameAs(content(first, "one/1"));
  }

  private static Content content(Map<String, FileEntry> entries, String path) {
    return ((FileEntry.Regular) entries.get(path).body()).content();
  }

  @ParameterizedTest
  @CsvSource({
    "0755, 0600, 755",
    "4711, 0, 4711",
    "u+x, 0640, 740",
    "+x, 0640, 751",
    "a-w, 0666, 444",
    "'u=rwX,go=rX', 0600, 644",
    "'u=rwX,go=rX', 0700, 755",
    "g=u, 0740, 770",
    "o=, 0777, 770",
    "u+s, 0755, 4755",
    "'ug+s,+t', 0755, 7755",
    "u=rw, 4755, 655",
    "u+r-x, 0300, 600",
  })
  void modesAreOctalOrSymbolic(String mode, String before, String after) throws Exception {
    int changed = FileMode.parse(mode).apply(Integer.parseInt(before, 8), false);
    assertThat(Integer.toOctalString(changed)).isEqualTo(after);
  }

  @Test
  void executeIsForFoldersWhereItIsAskedForWithACapital() throws Exception {
    assertThat(FileMode.parse("a+X").apply(0600, true)).isEqualTo(0711);
    assertThat(FileMode.parse("a+X").apply(0600, false)).isEqualTo(0600);
  }

  @ParameterizedTest
  @ValueSource(strings = {"77777", "888", "u", "u+y", "", "u+x,", "rwx"})
  void whatIsNoModeIsRefused(String mode) {
    assertThatThrownBy(() -> FileMode.parse(mode)).hasMessageContaining("is no mode");
  }
}

package dev.buildman.config;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** The keys of one map: merges ({@code <<}) resolved, duplicates found. */
final class MapEntries {

  /** A key's value and where the key stands. */
  record Entry(ConfigValue value, Position at, boolean merged, Optional<Position> firstAt) {}

  private final ReadingContext context;
  private final String path;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<Node> merging = Collections.newSetFromMap(new IdentityHashMap<>());

  private MapEntries(ReadingContext context, String path) {
    this.context = context;
    this.path = path;
  }

  static Map<String, Entry> of(ReadingContext context, String path, MappingNode mapping) {
    MapEntries reading = new MapEntries(context, path);
    reading.read(mapping, false);
    return reading.entries;
  }

  private void read(MappingNode mapping, boolean merged) {
    if (!merging.add(mapping)) {
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (!tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        add(tuple, merged);
      }
    }
    // The map's own keys win over merged ones, so the merged ones come after them.
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        merge(tuple.getValueNode());
      }
    }
  }

  private void merge(Node source) {
    switch (source) {
      case MappingNode mapping -> read(mapping, true);
      case SequenceNode sequence -> sequence.getValue().forEach(this::merge);
      default -> context.problems.error(at(source), path, "'<<' merges maps only");
    }
  }

  private void add(NodeTuple tuple, boolean merged) {
    if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
      context.problems.error(at(tuple.getKeyNode()), path, "a key must be a plain word");
      return;
    }
    String key = keyNode.getValue();
    Entry present = entries.get(key);
    if (present != null && merged) {
      return;
    }
    ConfigValue value =
        new ConfigValue(context, path.isEmpty() ? key : path + "." + key, tuple.getValueNode());
    entries.put(
        key,
        new Entry(
            value, at(keyNode), merged, Optional.ofNullable(present).map(first -> first.at())));
  }

  private Position at(Node node) {
    return YamlText.position(context.file, node.getStartMark());
  }
}

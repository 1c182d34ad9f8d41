package dev.buildman.agent.architecture;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/** The agent's layout: who imports whom, and which vendor is known where. */
final class AgentArchitecture {
  private final String root;
  private final Imports imports;

  AgentArchitecture(String root) {
    this.root = root;
    this.imports =
        new Imports(root)
            .allow("runtime")
            .allow("compression")
            .allow("config")
            .allow("usage", "runtime")
            .allow("layout", "registry")
            .allow("process", "runtime")
            .allow("registry", "process", "runtime")
            .allow("dockerfile")
            .allow("copy", "engine", "registry", "runtime")
            .allow("link", "config", "runtime")
            .allow("logship", "engine", "link", "runtime")
            .allow("source", "compression", "process", "registry", "runtime")
            .allow("engine", "dockerfile", "registry", "runtime")
            .allow("engine.tree", "compression", "dockerfile", "registry", "runtime")
            .allow("engine.embedded", "engine", "engine.tree", "dockerfile", "registry", "runtime")
            .allow(
                "engine.buildah",
                "engine",
                "engine.tree",
                "dockerfile",
                "registry",
                "process",
                "runtime")
            .allow(
                "engine.buildx",
                "engine",
                "engine.docker",
                "dockerfile",
                "registry",
                "process",
                "runtime")
            .allow("engine.docker", "engine", "dockerfile", "registry", "runtime")
            .allow(
                "run",
                "config",
                "copy",
                "dockerfile",
                "engine",
                "link",
                "logship",
                "registry",
                "runtime",
                "source",
                "usage");
  }

  List<ArchRule> rules() {
    List<ArchRule> rules = new ArrayList<>(imports.rules());
    rules.add(imports.complete());
    rules.add(imports.noCycles());
    rules.add(imports.vendor("io.grpc..", "link.."));
    rules.add(
        imports.vendor(
            "dev.buildman.proto..",
            "link..",
            "run..",
            "copy..",
            "logship..",
            "engine..",
            "source.."));
    rules.add(
        imports.vendor(
            "com.fasterxml.jackson..",
            "logship..",
            "layout..",
            "registry..",
            "engine..",
            "source.."));
    rules.add(
        imports.vendor(
            "org.apache.commons.compress..",
            "compression..",
            "source..",
            "engine.tree..",
            "engine.docker.."));
    rules.add(imports.vendor("io.airlift..", "compression.."));
    rules.add(imports.vendor("com.github.dockerjava..", "engine.docker.."));
    rules.addAll(new Surroundings(root, root, root + ".runtime..").rules());
    return rules;
  }
}

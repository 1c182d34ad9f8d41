package dev.buildman.architecture;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The manager's layout: who imports whom, and which vendor is known where. */
final class ManagerArchitecture {
  /** What every capability may use. */
  private static final List<String> LEAVES = List.of("model", "config", "metrics", "runtime");

  private final String root;
  private final Imports imports;

  ManagerArchitecture(String root) {
    this.root = root;
    this.imports =
        new Imports(root)
            .allow("proto")
            .allow("model")
            .allow("config", "model")
            .allow("metrics", "model", "runtime")
            .allow("runtime")
            .allow("redis", with())
            .allow("orchestrator", with("redis"))
            .allow("token", with())
            .allow("seal", with("proto"))
            .allow("sources", with())
            .allow("buildlogs", with())
            .allow("buildlogs.redis", with("buildlogs", "redis", "orchestrator"))
            .allow("intake", with("redis", "orchestrator", "sources", "seal", "buildlogs"))
            .allow(
                "session",
                with("redis", "orchestrator", "token", "buildlogs", "seal", "sources", "tags"))
            .allow("tags", with())
            .allow("executor", with())
            .allow("executor.popen", with("executor"))
            .allow("executor.boot", with("executor"))
            .allow("executor.kubernetes", with("executor", "executor.boot"))
            .allow("executor.docker", with("executor"))
            .allow("executor.ec2", with("executor", "executor.boot"))
            .allow("schedule", with("orchestrator", "executor", "token"))
            .allow("reconcile", with("redis", "orchestrator", "executor", "buildlogs", "sources"))
            .allow("edge", with())
            .allow("edge.agent", with("edge", "session", "token", "proto"))
            .allow("edge.client", with("edge", "intake", "buildlogs", "sources", "proto"))
            .allow("registry", with())
            .allow("standalone", with("registry"))
            .allow("client", with("proto"))
            .allow("cli", with("client", "proto"))
            .allow("demo", with("client", "cli", "proto"));
  }

  private static String[] with(String... more) {
    return Stream.concat(LEAVES.stream(), Arrays.stream(more)).toArray(String[]::new);
  }

  List<ArchRule> rules() {
    List<ArchRule> rules = new ArrayList<>(imports.rules());
    rules.add(imports.complete());
    rules.add(imports.noCycles());
    rules.addAll(vendors());
    rules.addAll(new Surroundings(root, root, root + ".cli..", root + ".runtime..").rules());
    return rules;
  }

  private List<ArchRule> vendors() {
    return List.of(
        imports.vendor("io.lettuce..", "redis..", "*.redis..", "orchestrator.."),
        imports.vendor("io.grpc..", "", "edge..", "client..", "cli..", "proto.."),
        imports.vendor("com.google.protobuf..", "edge..", "client..", "cli..", "seal..", "proto.."),
        imports.vendor("org.yaml.snakeyaml..", "config.."),
        imports.vendor("com.nimbusds..", "token.."),
        imports.vendor("io.micrometer.prometheusmetrics..", "metrics.."),
        imports.vendor("io.github.resilience4j..", "schedule..", "executor..", "edge..", "tags.."),
        imports.vendor("picocli..", "", "cli.."),
        imports.vendor("ch.qos.logback..", ""),
        imports.vendor("io.fabric8..", "executor.kubernetes.."),
        imports.vendor("com.github.dockerjava..", "executor.docker.."),
        imports.vendor("software.amazon.awssdk..", "executor.ec2.."),
        imports.vendor("redis.embedded..", "standalone.."));
  }
}

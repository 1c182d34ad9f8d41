package dev.buildman.proto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.buildman.proto.agent.BuildmanProto;
import dev.buildman.proto.v1.BuildsProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Both contracts against the record of what was promised. What is added passes, and becomes a
 * promise when it is recorded, at the latest with a release: {@code mvn -pl proto test
 * -Dcontract.record}.
 */
final class ContractIsCompatibleTest {
  private static final Path RECORD = Path.of("src/test/resources/contract.txt");

  private static SortedSet<String> present() {
    return Contract.of(BuildmanProto.getDescriptor(), BuildsProto.getDescriptor());
  }

  private static SortedSet<String> released() {
    try (InputStream in = ContractIsCompatibleTest.class.getResourceAsStream("/contract.txt")) {
      return new TreeSet<>(Arrays.asList(new String(in.readAllBytes(), UTF_8).split("\n")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everythingPromisedIsStillThere() throws IOException {
    if (System.getProperty("contract.record") != null) {
      SortedSet<String> record = new TreeSet<>(released());
      record.addAll(present());
      Files.writeString(RECORD, String.join("\n", record) + "\n");
      return;
    }
    assertThat(Contract.broken(released(), present()))
        .as("names, numbers, types and kinds that peers rely on and that are gone or changed")
        .isEmpty();
  }

  @Test
  void aRenamedFieldBreaksAPromise() throws Exception {
    assertThat(brokenBy(field -> field.setName("renamed")))
        .containsExactly("field buildman_pb.PingReply.reply = 1: string");
  }

  @Test
  void aRenumberedFieldBreaksAPromise() throws Exception {
    assertThat(brokenBy(field -> field.setNumber(77)))
        .containsExactly("field buildman_pb.PingReply.reply = 1: string");
  }

  @Test
  void aFieldOfAnotherTypeBreaksAPromise() throws Exception {
    assertThat(brokenBy(field -> field.setType(FieldDescriptorProto.Type.TYPE_BYTES))).hasSize(1);
    assertThat(brokenBy(field -> field.setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)))
        .hasSize(1);
  }

  @Test
  void anAdditionBreaksNone() throws Exception {
    FileDescriptorProto.Builder file = BuildmanProto.getDescriptor().toProto().toBuilder();
    FieldDescriptorProto added =
        FieldDescriptorProto.newBuilder()
            .setName("added")
            .setNumber(177)
            .setType(FieldDescriptorProto.Type.TYPE_STRING)
            .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
            .build();
    file.getMessageTypeBuilder(pingReply(file)).addField(added);

    assertThat(Contract.broken(agents(), changed(file))).isEmpty();
  }

  private static SortedSet<String> agents() {
    return Contract.of(BuildmanProto.getDescriptor());
  }

  private static Iterable<String> brokenBy(UnaryOperator<FieldDescriptorProto.Builder> change)
      throws Exception {
    FileDescriptorProto.Builder file = BuildmanProto.getDescriptor().toProto().toBuilder();
    change.apply(file.getMessageTypeBuilder(pingReply(file)).getFieldBuilder(0));
    return Contract.broken(agents(), changed(file));
  }

  private static int pingReply(FileDescriptorProto.Builder file) {
    return file.getMessageTypeList().stream().map(m -> m.getName()).toList().indexOf("PingReply");
  }

  private static SortedSet<String> changed(FileDescriptorProto.Builder file) throws Exception {
    var dependencies =
        BuildmanProto.getDescriptor().getDependencies().toArray(FileDescriptor[]::new);
    return Contract.of(FileDescriptor.buildFrom(file.build(), dependencies));
  }
}

package dev.buildman.proto;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a peer of another version relies on, as text: one line for each field, enum value, oneof
 * membership and rpc. A line that disappears is a broken promise; a new line is an addition.
 */
final class Contract {
  private Contract() {}

  /** All promises of the files, sorted. */
  static SortedSet<String> of(FileDescriptor... files) {
    SortedSet<String> lines = new TreeSet<>();
    for (FileDescriptor file : files) {
      file.getMessageTypes().forEach(message -> add(message, lines));
      file.getEnumTypes().forEach(type -> add(type, lines));
      file.getServices().forEach(service -> add(service, lines));
    }
    return lines;
  }

  /** The promises of {@code released} that {@code present} does not keep. */
  static List<String> broken(SortedSet<String> released, SortedSet<String> present) {
    List<String> broken = new ArrayList<>(released);
    broken.removeAll(present);
    return broken;
  }

  private static void add(Descriptor message, SortedSet<String> lines) {
    for (FieldDescriptor field : message.getFields()) {
      var oneof = field.getRealContainingOneof();
      lines.add(
          "field %s.%s = %d: %s%s"
              .formatted(
                  message.getFullName(),
                  field.getName(),
                  field.getNumber(),
                  type(field),
                  oneof == null ? "" : " in oneof " + oneof.getName()));
    }
    message.getNestedTypes().stream()
        .filter(nested -> !nested.getOptions().getMapEntry())
        .forEach(nested -> add(nested, lines));
    message.getEnumTypes().forEach(type -> add(type, lines));
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      List<FieldDescriptor> entry = field.getMessageType().getFields();
      return "map<%s, %s>".formatted(name(entry.get(0)), name(entry.get(1)));
    }
    String cardinality = field.isRepeated() ? "repeated " : field.hasPresence() ? "optional " : "";
    return cardinality + name(field);
  }

  private static String name(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getFullName();
      case ENUM -> field.getEnumType().getFullName();
      default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
    };
  }

  private static void add(EnumDescriptor type, SortedSet<String> lines) {
    type.getValues()
        .forEach(
            value ->
                lines.add(
                    "value %s.%s = %d"
                        .formatted(type.getFullName(), value.getName(), value.getNumber())));
  }

  private static void add(ServiceDescriptor service, SortedSet<String> lines) {
    for (MethodDescriptor rpc : service.getMethods()) {
      lines.add(
          "rpc %s(%s%s) returns (%s%s)"
              .formatted(
                  rpc.getFullName(),
                  rpc.isClientStreaming() ? "stream " : "",
                  rpc.getInputType().getFullName(),
                  rpc.isServerStreaming() ? "stream " : "",
                  rpc.getOutputType().getFullName()));
    }
  }
}

package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigMap;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What instances boot from.
 *
 * @param ami a pinned image (E16); empty: the newest one of the channel
 * @param channel a stream of Fedora CoreOS
 * @param streams where the streams' metadata lies
 */
record ImageSource(Optional<String> ami, String channel, URI streams) {
  private static final URI FEDORA = URI.create("https://builds.coreos.fedoraproject.org/streams");
  private static final Pattern AMI = Pattern.compile("ami-[0-9a-f]+");
  private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9-]{0,40}");

  static ImageSource parse(ConfigMap map) {
    Optional<String> ami = map.as("COREOS_AMI", text -> checked(text, AMI, "is no image's id"));
    String channel =
        map.as("COREOS_CHANNEL", text -> checked(text, CHANNEL, "is no channel, such as stable"))
            .orElse("stable");
    return new ImageSource(ami, channel, map.url("COREOS_STREAMS", "https", "http").orElse(FEDORA));
  }

  private static String checked(String text, Pattern form, String wrong) {
    if (!form.matcher(text).matches()) {
      throw new IllegalArgumentException(wrong);
    }
    return text;
  }

  /** The metadata of the channel. */
  URI stream() {
    String folder = streams.toString();
    return URI.create(folder + (folder.endsWith("/") ? "" : "/") + channel + ".json");
  }
}

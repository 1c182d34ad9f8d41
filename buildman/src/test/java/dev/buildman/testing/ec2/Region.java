package dev.buildman.testing.ec2;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What an account has in its region, besides instances: two subnets, a security group, a key, types
 * of two architectures and an image for each.
 */
public final class Region {
  public static final String NAME = "us-east-1";
  public static final String ACCOUNT = "123456789012";
  public static final String SUBNET_A = "subnet-0000000a";
  public static final String SUBNET_B = "subnet-0000000b";
  public static final String GROUP = "sg-00000001";
  public static final String KEY = "builders";
  public static final String PROFILE = "builder-worker";
  public static final String IMAGE_X86 = "ami-0000000000000086a";
  public static final String IMAGE_ARM = "ami-000000000000064aa";
  public static final String OLD_IMAGE = "ami-0000000000000001d";
  public static final String TEMPLATE_ID = "lt-0123456789abcdef0";
  public static final String TEMPLATE = "builders";

  /** A kind of instance. */
  record Type(String architecture, int processors, boolean nitro) {}

  final Map<String, Type> types = new ConcurrentSkipListMap<>();
  final Map<String, String> images = new ConcurrentSkipListMap<>();
  final Map<String, String> subnets = new ConcurrentSkipListMap<>();
  final Map<String, Map<String, String>> templates = new ConcurrentSkipListMap<>();
  final Set<String> groups = ConcurrentHashMap.newKeySet();
  final Set<String> keys = ConcurrentHashMap.newKeySet();
  final Set<String> profiles = ConcurrentHashMap.newKeySet();

  Region() {
    types.put("c5.large", new Type("x86_64", 2, true));
    types.put("m5.large", new Type("x86_64", 2, true));
    types.put("c6g.large", new Type("arm64", 2, true));
    types.put("t2.micro", new Type("x86_64", 1, false));
    images.put(IMAGE_X86, "x86_64");
    images.put(IMAGE_ARM, "arm64");
    images.put(OLD_IMAGE, "x86_64");
    subnets.put(SUBNET_A, NAME + "a");
    subnets.put(SUBNET_B, NAME + "b");
    groups.add(GROUP);
    keys.add(KEY);
    profiles.add(PROFILE);
    templates.put(TEMPLATE, Map.of());
  }

  /** A further image; instances of another architecture cannot be launched from it. */
  public void image(String id, String architecture) {
    images.put(id, architecture);
  }

  /** The image was there, and is no more (E16). */
  public void deregister(String image) {
    images.remove(image);
  }

  /** A further kind of instance: {@code x86_64} or {@code arm64}. */
  public void type(String name, String architecture, int processors) {
    types.put(name, new Type(architecture, processors, true));
  }

  /** What the launch template {@link #TEMPLATE} says, as a launch would. */
  public void template(Map<String, String> launch) {
    templates.put(TEMPLATE, Map.copyOf(launch));
  }
}

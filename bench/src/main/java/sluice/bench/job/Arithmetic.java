package sluice.bench.job;

import java.math.BigInteger;
import java.util.regex.Pattern;

/** Sums of whole numbers, as bc does them: {@code 5*1024*(300+4)/8}; a division is cut off. */
final class Arithmetic {
  private static final Pattern SUM = Pattern.compile("[0-9+*/() -]{1,200}");
  private static final Pattern OPERATOR = Pattern.compile("[+*/-]");

  private final String text;
  private int at;

  private Arithmetic(String text) {
    this.text = text.replace(" ", "");
  }

  /** Whether there is anything to work out. */
  static boolean isOne(String text) {
    return SUM.matcher(text).matches() && OPERATOR.matcher(text).find();
  }

  /**
   * @throws IllegalArgumentException if it makes no sense
   */
  static String of(String text) {
    Arithmetic sum = new Arithmetic(text);
    BigInteger value = sum.sum();
    if (sum.at < sum.text.length()) {
      throw sum.refused();
    }
    return value.toString();
  }

  private BigInteger sum() {
    BigInteger value = product();
    while (is('+') || is('-')) {
      value = text.charAt(at++) == '+' ? value.add(product()) : value.subtract(product());
    }
    return value;
  }

  private BigInteger product() {
    BigInteger value = number();
    while (is('*') || is('/')) {
      boolean isProduct = text.charAt(at++) == '*';
      BigInteger other = number();
      if (!isProduct && other.signum() == 0) {
        throw refused();
      }
      value = isProduct ? value.multiply(other) : value.divide(other);
    }
    return value;
  }

  private BigInteger number() {
    if (is('(')) {
      at++;
      BigInteger value = sum();
      if (!is(')')) {
        throw refused();
      }
      at++;
      return value;
    }
    int begin = at;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    if (begin == at) {
      throw refused();
    }
    return new BigInteger(text.substring(begin, at));
  }

  private boolean is(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private IllegalArgumentException refused() {
    return new IllegalArgumentException(Values.quote(text) + " cannot be worked out");
  }
}

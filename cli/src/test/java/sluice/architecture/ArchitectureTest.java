package sluice.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.queues.CompletionQueue;
import sluice.queues.Doorbell;
import sluice.queues.PrpLists;
import sluice.queues.SubmissionQueue;
import sluice.support.linux.Downcall;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/**
 * Holds the plan of the house: who may use whom, and where the walls to the machine are. This
 * module is the top one and sees all the others but {@code qemu-test}, on which none can depend
 * because no module's build names it.
 */
class ArchitectureTest {
  private static final Set<String> DRIVER =
      Set.of("sluice.nvme", "sluice.nvme.pcie", "sluice.nvme.tcp");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("sluice");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sluice.support.memory.OffHeap",
        "sluice.vfio.PciFunction",
        "sluice.queues.SubmissionQueue",
        "sluice.nvme.pcie.PcieTransport",
        "sluice.nvme.tcp.TcpDriveProvider",
        "sluice.nvme.spec.Registers",
        "sluice.virtual.pci.VirtualFunction",
        "sluice.recorder.ring.StreamRing",
        "sluice.bench.run.Bench",
        "sluice.cli.Sluice",
      })
  void seesEveryModule(String name) {
    assertThat(CLASSES.contain(name)).isTrue();
  }

  /** Imports go downwards only. */
  @ParameterizedTest
  @CsvSource({
    "sluice.support, sluice.support..",
    "sluice.vfio, sluice.vfio..|sluice.support..",
    "sluice.queues, sluice.queues..|sluice.vfio|sluice.support.memory",
    "sluice.nvme, sluice.nvme..|sluice.queues..|sluice.vfio..|sluice.support..",
    "sluice.virtual, sluice.virtual..|sluice.nvme..|sluice.queues..|sluice.vfio..|sluice.support..",
    "sluice.recorder, sluice.recorder..|sluice.nvme..|sluice.queues..|sluice.vfio..|sluice.support..",
    "sluice.bench, sluice.bench..|sluice.nvme..|sluice.queues..|sluice.vfio..|sluice.support..",
    "sluice.cli, sluice.cli..|sluice.bench..|sluice.recorder..|sluice.virtual..|sluice.nvme..|sluice.queues..|sluice.vfio..|sluice.support..",
  })
  void importsGoDownwardsOnly(String module, String mayUse) {
    noClasses()
        .that()
        .resideInAPackage(module + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("sluice..").and(not(resideInAnyPackage(mayUse.split("\\|")))))
        .check(CLASSES);
  }

  /** The layouts of the specification know nothing of the driver that uses them. */
  @Test
  void theSpecificationStandsAlone() {
    noClasses()
        .that()
        .resideInAPackage("sluice.nvme.spec")
        .should()
        .dependOnClassesThat(
            resideInAPackage("sluice..")
                .and(
                    not(
                        resideInAnyPackage(
                            "sluice.nvme.spec",
                            "sluice.queues",
                            "sluice.vfio",
                            "sluice.support.memory"))))
        .check(CLASSES);
  }

  /** What a controller and its queues are has nothing in it of how they are reached. */
  @Test
  void theDriverKnowsNoTransport() {
    noClasses()
        .that()
        .resideInAPackage("sluice.nvme")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("sluice.nvme.pcie", "sluice.nvme.tcp..")
                .or(
                    resideInAPackage("sluice.vfio..")
                        .and(not(belongToAnyOf(DmaSpace.class, DmaMemory.class))))
                .or(
                    belongToAnyOf(
                        SubmissionQueue.class,
                        CompletionQueue.class,
                        Doorbell.class,
                        PrpLists.class)))
        .check(CLASSES);
  }

  /** Each of the driver's classes can be read, and tried, without those that use it. */
  @Test
  void theDriversClassesAreInNoCircle() {
    SliceAssignment byClass =
        new SliceAssignment() {
          @Override
          public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return DRIVER.contains(javaClass.getPackageName())
                ? SliceIdentifier.of(outermost(javaClass).getSimpleName())
                : SliceIdentifier.ignore();
          }

          @Override
          public String getDescription() {
            return "the driver's classes";
          }
        };
    SlicesRuleDefinition.slices().assignedFrom(byClass).should().beFreeOfCycles().check(CLASSES);
  }

  private static JavaClass outermost(JavaClass javaClass) {
    return javaClass.getEnclosingClass().map(ArchitectureTest::outermost).orElse(javaClass);
  }

  @Test
  void nothingReachesIntoTheJdk() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("sun..", "jdk.internal..", "com.sun.jna.internal..")
        .check(CLASSES);
  }

  /** Methods that can crash the JVM are called in two classes, and the rest goes through these. */
  @Test
  void restrictedMethodsStayInTheirRoom() {
    Set<String> callers = new TreeSet<>();
    for (JavaClass javaClass : CLASSES) {
      for (JavaAccess<?> access : javaClass.getAccessesFromSelf()) {
        if (access.getTarget().isAnnotatedWith("jdk.internal.javac.Restricted")) {
          callers.add(javaClass.getName());
        }
      }
    }
    assertThat(callers)
        .containsExactly("sluice.support.linux.Downcall", "sluice.support.memory.OffHeap");
  }

  /** Functions of the C library are linked and called in one class per concept. */
  @Test
  void nativeCallsStayInTheirClasses() {
    Set<String> callers = new TreeSet<>();
    for (JavaAccess<?> access : CLASSES.get(Downcall.class).getAccessesToSelf()) {
      if (access.getTarget() instanceof AccessTarget.MethodCallTarget target
          && target.getRawReturnType().isEquivalentTo(MethodHandle.class)) {
        callers.add(access.getOriginOwner().getName());
      }
    }
    callers.remove(Downcall.class.getName());
    assertThat(callers)
        .containsExactly(
            "sluice.recorder.stream.Sockets",
            "sluice.support.linux.Clocks",
            "sluice.support.linux.Descriptors",
            "sluice.support.linux.Dispositions",
            "sluice.support.linux.EventRaiser",
            "sluice.support.linux.Events",
            "sluice.support.linux.FileLocks",
            "sluice.support.linux.Linux",
            "sluice.support.linux.LocalSocket",
            "sluice.support.linux.Pages",
            "sluice.support.linux.TcpSocket",
            "sluice.support.linux.ThreadUsage",
            "sluice.vfio.kernel.Vfio");
  }

  /** A library says what it has to say by values and exceptions. */
  @Test
  void onlyTheCommandPrintsAndExits() {
    noClasses()
        .that()
        .resideOutsideOfPackage("sluice.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(CLASSES);
  }

  @Test
  void nobodySleepsInPlaceOfACondition() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
  }
}

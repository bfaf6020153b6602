// The last changes to a core module, after the optimizer and before it is written: exceptions where the source could
// only say `abort`, and the exports' names, which are no identifiers of AssemblyScript.
import binaryen from "assemblyscript/binaryen";

const { i32, none } = binaryen;
const TAG = "wow-error";
const TABLE_EXPORT = "table";

/** `exports` has the component's name of each export. Makes the changes when the module is written: earlier, the optimizer would meet what it cannot flatten. */
export function finishModule(module, { exceptions, exports }) {
  let done = false;
  for (const emit of ["emitBinary", "emitText", "emitStackIR"]) {
    const original = module[emit];
    module[emit] = function (...parameters) {
      if (!done) {
        done = true;
        replaceMarkers(module, exceptions);
        renameExports(module, exports);
      }
      return original.apply(this, parameters);
    };
  }
}

/** `assembly/thrown.ts` declares the markers. */
function replaceMarkers(module, exceptions) {
  const markers = {};
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const { module: from, base, name } = binaryen.getFunctionInfo(module.getFunctionByIndex(index));
    if (from === "wow") markers[base] = name;
  }
  const replace = (name, parameters, results, body) => {
    if (!name) return;
    module.removeFunction(name);
    module.addFunction(name, parameters, results, [], body);
  };
  const table = module.getTableByIndex(0);
  const tableName = binaryen.getTableInfo(table).name;
  const call = () =>
    module.block(
      null,
      [module.call_indirect(tableName, module.local.get(0, i32), [], none, none), module.i32.const(1)],
      i32,
    );
  if (exceptions) {
    module.setFeatures(
      module.getFeatures() | binaryen.Features.ExceptionHandling | binaryen.Features.ReferenceTypes,
    );
    module.addTag(TAG, none, none);
    replace(markers.throw, none, none, module.throw(TAG, []));
    replace(markers.try, i32, i32, module.try("guarded", call(), [TAG], [module.i32.const(0)], ""));
    module.runPasses(["translate-to-exnref"]);
  } else {
    replace(markers.throw, none, none, module.unreachable());
    replace(markers.try, i32, i32, call());
  }
  // It was exported to survive the optimizer, which saw no use of it.
  module.removeExport(TABLE_EXPORT);
}

function renameExports(module, exports) {
  const renamed = [];
  for (let index = 0; index < module.getNumExports(); index++) {
    const { name, value } = binaryen.getExportInfo(module.getExportByIndex(index));
    if (Object.hasOwn(exports, name)) renamed.push([name, value]);
  }
  for (const [name, value] of renamed) {
    module.removeExport(name);
    module.addFunctionExport(value, exports[name]);
  }
}

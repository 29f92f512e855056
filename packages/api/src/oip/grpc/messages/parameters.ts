import { bool, encoded, int64, type Kind, string } from '../protobuf/kinds.ts';
import { type Field, map } from '../protobuf/message.ts';
import { Reader } from '../protobuf/reader.ts';

type Parameter = boolean | number | string;

/** `InferParameter` and `ModelRepositoryParameter`: one of bool 1, int64 2, string 3, double 4, uint64 5. */
const parameter: Kind<Parameter> = {
  wire: 2,
  read(outer) {
    let value: Parameter = false;
    for (const reader = new Reader(outer.bytes()); !reader.atEnd; ) {
      const { number, wire } = reader.tag();
      if (number === 1 && wire === 0) value = bool.read(reader);
      else if (number === 2 && wire === 0) value = reader.signed();
      else if (number === 3 && wire === 2) value = string.read(reader);
      else if (number === 4 && wire === 1) value = reader.double();
      else if (number === 5 && wire === 0) value = reader.unsigned();
      else reader.skip(wire);
    }
    return value;
  },
  write(outer, value) {
    outer.bytes(
      encoded((writer) => {
        // Of these one is written even where it is empty: that is how it is told which one it is.
        if (typeof value === 'boolean') {
          writer.tag(1, 0);
          bool.write(writer, value);
        } else if (typeof value === 'string') {
          writer.tag(3, 2);
          string.write(writer, value);
        } else if (Number.isSafeInteger(value)) {
          writer.tag(2, 0);
          int64.write(writer, value);
        } else {
          writer.tag(4, 1);
          writer.double(value);
        }
      }),
    );
  },
  empty: false,
};

/** At most 64 parameters by name. */
export const parameters = (number: number): Field<Readonly<Record<string, Parameter>>> =>
  map(number, string, parameter, 64);

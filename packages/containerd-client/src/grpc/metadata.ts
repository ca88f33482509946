/** Everything that `new Headers()` takes. */
export type Metadata = ConstructorParameters<typeof Headers>[0];

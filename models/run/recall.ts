/** A Map that keeps the entries used last, at most `limit` of them. */
export function recall<Value>(limit: number): Map<string, Value> {
  return new (class extends Map<string, Value> {
    override get(key: string): Value | undefined {
      const value = super.get(key);
      if (value !== undefined) {
        super.delete(key);
        super.set(key, value);
      }
      return value;
    }
    override set(key: string, value: Value): this {
      super.delete(key);
      super.set(key, value);
      const oldest = this.size > limit ? this.keys().next().value : undefined;
      if (oldest !== undefined) super.delete(oldest);
      return this;
    }
  })();
}

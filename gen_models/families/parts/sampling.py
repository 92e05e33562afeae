"""Settings of sampling that several families have."""

from gen_models.errors import UsageError


def at_temperature(temperature: float) -> float:
    """Give the temperature of samples.

    Raises:
        UsageError: It is not positive.
    """
    if temperature <= 0:
        raise UsageError(f"a temperature is positive, not {temperature}: change model.temperature.")
    return temperature
